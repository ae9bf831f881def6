import { setImmediate as breathe } from 'node:timers/promises'
import { INFLATE_WASM } from './inflate-wasm.ts'
import type { Inflater } from './inflater.ts'
import { DAMAGED, TOO_LONG } from './inflater.ts'
import { startModule } from './wasm.ts'
import type { Global } from './wasm.ts'

type Exports = {
  memory: { buffer: ArrayBuffer }
  packed: Global
  mostPacked: Global
  content: Global
  begin(): void
  inflate(at: number, length: number, last: number, taken: number, limit: number): number
  contentLength(): number
  consumed(): number
}

/** What it answers, as in `assembly/inflate-codes.ts`. */
const ENDED = 0
const MORE_PACKED = 1
const MORE_ROOM = 2
const PIECE = 1 << 20

/** `assembly/inflate.ts` with its memory; null where there is no running it. */
export function fastInflater(): Inflater | null {
  const engine = startModule(INFLATE_WASM) as Exports | null
  if (engine === null) return null
  const { buffer } = engine.memory
  const [start, content] = [engine.packed.value, engine.content.value]
  const room = Buffer.from(buffer, start, engine.mostPacked.value)
  const made = (): Buffer => Buffer.from(buffer, content, engine.contentLength())

  return {
    room,
    whole(packed, size) {
      const inside = packed.buffer === buffer
      if (!inside) room.set(packed)
      engine.begin()
      const state = engine.inflate(inside ? packed.byteOffset : start, packed.length, 1, 0, size)
      if (state === MORE_ROOM) throw new Error(TOO_LONG)
      if (state !== ENDED) throw new Error(DAMAGED)
      return made()
    },
    async *pieces(read) {
      engine.begin()
      let [at, end, taken] = [start, start, 0]
      let last = false
      for (;;) {
        const state = engine.inflate(at, end - at, last ? 1 : 0, taken, PIECE)
        at = engine.consumed()
        taken = 0
        if (state === ENDED) return yield made()
        if (state === MORE_PACKED) {
          room.copyWithin(0, at - start, end - start)
          const length = end - at
          const more = read(room.subarray(length, PIECE))
          last = more === 0
          at = start
          end = start + length + more
        } else if (state === MORE_ROOM) {
          // What is beyond it begins the next one: zeros that begin at a round number are written as a hole.
          yield made().subarray(0, PIECE)
          taken = PIECE
          // Others in this thread have their turn.
          await breathe()
        } else throw new Error(DAMAGED)
      }
    },
  }
}
