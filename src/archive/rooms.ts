/** Memory that threads share, taken for a while and given back: the same again and again, since what is new must be fetched a page at a time. */
export type Rooms = {
  /** At least so many bytes, as soon as there is one; whoever asks first is served first. */
  take(bytes: number): Promise<SharedArrayBuffer>
  give(room: SharedArrayBuffer): void
}

/** At most `most` are out at a time; they are `usual` bytes long, or as long as was asked for. */
export function rooms(most: number, usual: number): Rooms {
  const free: SharedArrayBuffer[] = []
  const waiting: (() => void)[] = []
  let out = 0
  return {
    async take(bytes) {
      if (out >= most) await new Promise<void>((resolve) => waiting.push(resolve))
      else out += 1
      const found = free.findIndex(({ byteLength }) => byteLength >= bytes)
      return free.splice(found, found < 0 ? 0 : 1)[0] ?? new SharedArrayBuffer(Math.max(bytes, usual))
    },
    give(room) {
      // One that was made for a long member is not kept: there is seldom another.
      if (room.byteLength === usual) free.push(room)
      const next = waiting.shift()
      if (next === undefined) out -= 1
      else next()
    },
  }
}
