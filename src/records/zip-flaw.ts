import { constants } from 'node:fs'
import { open } from 'node:fs/promises'

const END = Buffer.from([0x50, 0x4b, 0x05, 0x06])

/** Why a file cannot be a whole zip, seen from its end alone: cheap enough for a list. Null when nothing speaks against it. */
export async function zipFlaw(path: string): Promise<string | null> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const { size } = await handle.stat()
    if (size === 0) return 'the file is empty'
    // The end record is 22 bytes and a comment, which nearly always is empty: the long look is rarely needed.
    for (const length of [22, 65_557]) {
      const tail = Buffer.alloc(Math.min(length, size))
      await handle.read(tail, 0, tail.length, size - tail.length)
      if (tail.includes(END)) return null
    }
    return 'it is no zip archive, or its end is missing'
  } finally {
    await handle.close()
  }
}
