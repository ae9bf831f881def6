import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { cachedConfig } from '../../src/config/cache.ts'
import { parseConfig } from '../../src/config/read-config.ts'
import { temporaryFolder } from '../helpers/temp.ts'

const text = 'gate: { valid: 2h }\n'
const program = async () => 'one'

it('checks a file once for a program and a text, and again for another of either', async () => {
  const root = temporaryFolder()
  mkdirSync(join(root, '.knowngood'))
  const check = vi.fn<() => ReturnType<typeof parseConfig>>(async () => await parseConfig(text))
  const first = await cachedConfig(root, text, check, program)
  expect(await cachedConfig(root, text, check, program)).toEqual(first)
  expect(check).toHaveBeenCalledTimes(1)
  await cachedConfig(root, `${text}# more\n`, check, program)
  await cachedConfig(root, text, check, async () => 'two')
  expect(check).toHaveBeenCalledTimes(3)
})

it('leaves nothing in a project that was only looked at, and survives a damaged cache', async () => {
  const root = temporaryFolder()
  const check = async () => await parseConfig(text)
  await cachedConfig(root, text, check, program)
  expect(existsSync(join(root, '.knowngood'))).toBe(false)
  mkdirSync(join(root, '.knowngood/cache'), { recursive: true })
  for (const damaged of ['', '{', 'null', '[]', '{"text":1}']) {
    writeFileSync(join(root, '.knowngood/cache/config.json'), damaged)
    expect((await cachedConfig(root, text, check, program)).gate.valid).toBe(7_200_000)
  }
})
