const ZEROS = Buffer.alloc(65_536)

/** The parts of a piece of a file that must be written, by their place in it; long runs of zeros are left out, and become holes. */
export function* withoutHoles(chunk: Buffer): Generator<{ offset: number; part: Buffer }> {
  for (let offset = 0; offset < chunk.length; offset += ZEROS.length) {
    const part = chunk.subarray(offset, offset + ZEROS.length)
    if (part.length < ZEROS.length || !part.equals(ZEROS)) yield { offset, part }
  }
}
