/** Memory that threads share, taken for a while and given back: the same again and again, since what is new must be fetched a page at a time. */
export type Rooms = {
  /** At least so many bytes, as soon as they can be had; whoever asks first is served first. */
  take(bytes: number): Promise<SharedArrayBuffer>
  give(room: SharedArrayBuffer): void
}

/** Rooms of some sizes, ascending, of which `most` bytes may be out at a time. One that none of them fits is made for who needs it. */
export function rooms(most: number, sizes: readonly number[]): Rooms {
  const free: SharedArrayBuffer[] = []
  const waiting: { size: number; go: () => void }[] = []
  let out = 0
  // One may always be out, however long.
  const fits = (size: number): boolean => out === 0 || out + size <= most
  return {
    async take(bytes) {
      const size = sizes.find((one) => one >= bytes) ?? bytes
      if (waiting.length === 0 && fits(size)) out += size
      else await new Promise<void>((resolve) => waiting.push({ size, go: resolve }))
      const found = free.findIndex(({ byteLength }) => byteLength === size)
      return free.splice(found, found < 0 ? 0 : 1)[0] ?? new SharedArrayBuffer(size)
    },
    give(room) {
      out -= room.byteLength
      if (sizes.includes(room.byteLength)) free.push(room)
      for (let next = waiting[0]; next !== undefined && fits(next.size); next = waiting[0]) {
        out += next.size
        waiting.shift()
        next.go()
      }
    },
  }
}
