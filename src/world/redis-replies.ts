/** An answer of Redis (RESP 2): bulk strings as bytes, simple ones as text. An error is a value here: it has its place in the order. */
export type Reply = string | number | Buffer | null | Error | Reply[]

const CR = 13

/** Takes chunks as they come and gives the replies that are whole. Throws on what is no reply. */
export function replies(): (chunk: Buffer) => Reply[] {
  let chunks: Buffer[] = []
  let size = 0
  // A long reply comes in many chunks; it is read again only once it may be whole.
  let wanted = 0
  return (chunk) => {
    chunks.push(chunk)
    size += chunk.length
    if (size < wanted) return []
    let rest = chunks.length === 1 ? chunk : Buffer.concat(chunks)
    const found: Reply[] = []
    for (;;) {
      const one = parse(rest, 0)
      if ('needs' in one) {
        wanted = one.needs
        break
      }
      found.push(one.reply)
      rest = rest.subarray(one.end)
    }
    chunks = [rest]
    size = rest.length
    return found
  }
}

type Parsed = { reply: Reply; end: number } | { needs: number }

function parse(bytes: Buffer, at: number): Parsed {
  const lineEnd = bytes.indexOf(CR, at)
  if (lineEnd < 0 || lineEnd + 2 > bytes.length) return { needs: bytes.length + 1 }
  const line = bytes.toString('utf8', at + 1, lineEnd)
  const end = lineEnd + 2
  switch (bytes[at]) {
    case 43:
      return { reply: line, end }
    case 45:
      return { reply: new Error(line), end }
    case 58:
      return { reply: Number(line), end }
    case 36:
      return bulk(bytes, end, Number(line))
    case 42:
      return list(bytes, end, Number(line))
    default:
      throw new Error('it does not speak the protocol of Redis')
  }
}

function bulk(bytes: Buffer, at: number, length: number): Parsed {
  if (length < 0) return { reply: null, end: at }
  const end = at + length + 2
  return end > bytes.length ? { needs: end } : { reply: bytes.subarray(at, at + length), end }
}

function list(bytes: Buffer, start: number, length: number): Parsed {
  if (length < 0) return { reply: null, end: start }
  const reply: Reply[] = []
  let at = start
  for (let left = length; left > 0; left -= 1) {
    const one = parse(bytes, at)
    if ('needs' in one) return one
    reply.push(one.reply)
    at = one.end
  }
  return { reply, end: at }
}
