import { DEFLATE_WASM } from './deflate-wasm.ts'
import { startModule } from './wasm.ts'
import type { Global } from './wasm.ts'

type Exports = {
  memory: { buffer: ArrayBuffer }
  input: Global
  output: Global
  mostContent: Global
  mostDictionary: Global
  deflate(dictionary: number, length: number, last: number): number
}

/** Packs content that may refer to the up to 32 KB before it. */
export type Engine = (data: Uint8Array, dictionary: Uint8Array | null, last: boolean) => Uint8Array<ArrayBuffer>

const started: { engine: Engine | null | undefined } = { engine: undefined }

/**
 * `assembly/deflate.ts` for this thread, made when it is first asked for; null where there is no running it, as on a processor without
 * vectors. It packs in memory of its own, and what it answers is the caller's.
 */
export function fastDeflate(): Engine | null {
  if (started.engine === undefined) started.engine = start()
  return started.engine
}

function start(): Engine | null {
  const engine = startModule(DEFLATE_WASM) as Exports | null
  if (engine === null) return null
  const memory = new Uint8Array(engine.memory.buffer)
  const [input, output] = [engine.input.value, engine.output.value]
  const [most, window] = [engine.mostContent.value, engine.mostDictionary.value]

  const packPiece: Engine = (data, dictionary, last) => {
    const before = dictionary?.subarray(-window) ?? new Uint8Array()
    memory.set(before, input - before.length)
    memory.set(data, input)
    const packed = engine.deflate(before.length, data.length, last ? 1 : 0)
    return memory.slice(output, output + packed)
  }
  return (data, dictionary, last) => {
    if (data.length <= most) return packPiece(data, dictionary, last)
    const pieces = [packPiece(data.subarray(0, most), dictionary, false)]
    for (let at = most; at < data.length; at += most)
      pieces.push(
        packPiece(data.subarray(at, at + most), data.subarray(at - window, at), last && at + most >= data.length),
      )
    return new Uint8Array(Buffer.concat(pieces))
  }
}
