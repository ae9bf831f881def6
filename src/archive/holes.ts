const ZEROS = Buffer.alloc(65_536)

/** The parts of a piece of a file that must be written, by their place in it; long runs of zeros are left out, and become holes. */
export function* withoutHoles(chunk: Buffer): Generator<{ offset: number; part: Buffer }> {
  let from = 0
  for (let at = 0; at < chunk.length; at += ZEROS.length) {
    const end = at + ZEROS.length
    if (end > chunk.length || !chunk.subarray(at, end).equals(ZEROS)) continue
    if (at > from) yield { offset: from, part: chunk.subarray(from, at) }
    from = end
  }
  if (from < chunk.length) yield { offset: from, part: chunk.subarray(from) }
}
