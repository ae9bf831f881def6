import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { deflateRaw, LEVEL } from '../../src/archive/deflate-raw.ts'
import { fastDeflate } from '../../src/archive/fast-deflate.ts'

const text = Buffer.from(Array.from({ length: 2000 }, (_, line) => `line ${line} of ${line * line}\n`).join(''))
const alone = { dictionary: null, last: true }

test('a level that is asked for is that of zlib, and the one for everything else is our own', () => {
  const packed = (level: number): Buffer => Buffer.from(deflateRaw(text, { ...alone, level }))
  expect(packed(6)).toEqual(deflateRawSync(text, { level: 6, memLevel: 9 }))
  expect(packed(LEVEL)).toEqual(Buffer.from(fastDeflate()?.(text, null, true) ?? []))
  expect(packed(LEVEL)).not.toEqual(deflateRawSync(text, { level: LEVEL, memLevel: 9 }))
})

test('every level leaves memory that can be handed over', () => {
  for (const level of [1, LEVEL, 9])
    for (const bytes of [0, 10, text.length]) {
      const packed = deflateRaw(text.subarray(0, bytes), { ...alone, level })
      structuredClone(packed.buffer, { transfer: [packed.buffer] })
      expect(packed.length).toBe(0)
      expect(inflateRawSync(deflateRaw(text.subarray(0, bytes), { ...alone, level })).length).toBe(bytes)
    }
})

test.runIf(process.arch === 'x64')('a processor without vectors packs with zlib', () => {
  const module = join(import.meta.dirname, '../../src/archive/deflate-raw.ts')
  const script = `
    import { deflateRaw, LEVEL } from ${JSON.stringify(module)}
    import { fastDeflate } from ${JSON.stringify(module.replace('deflate-raw', 'fast-deflate'))}
    const packed = deflateRaw(Buffer.from('again and again and again'), { dictionary: null, level: LEVEL, last: true })
    console.log(fastDeflate(), Buffer.from(packed).toString('hex'))`
  const printed = execFileSync(
    process.execPath,
    ['--no-enable-sse4-1', '--no-warnings', '--input-type=module', '-e', script],
    { encoding: 'utf8' },
  )
  const [engine, packed = ''] = printed.trim().split(' ')
  expect(engine).toBe('null')
  expect(inflateRawSync(Buffer.from(packed, 'hex')).toString()).toBe('again and again and again')
})
