import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { withPassfile } from '../../../src/world/postgres/passfile.ts'
import { temporaryFolder } from '../../helpers/temp.ts'

function runtime(): string {
  const before = process.env['XDG_RUNTIME_DIR']
  const folder = temporaryFolder()
  process.env['XDG_RUNTIME_DIR'] = folder
  onTestFinished(() => {
    if (before === undefined) delete process.env['XDG_RUNTIME_DIR']
    else process.env['XDG_RUNTIME_DIR'] = before
  })
  return folder
}

test('a password lies in a private file while it is needed, and no longer, also when the work fails', async () => {
  const folder = runtime()
  let file = ''
  await expect(
    withPassfile('a:b\\c', async ({ PGPASSFILE = '' }) => {
      file = PGPASSFILE
      expect(readFileSync(file, 'utf8')).toBe('*:*:*:*:a\\:b\\\\c\n')
      expect(statSync(file).mode & 0o777).toBe(0o600)
      expect(statSync(dirname(file)).mode & 0o777).toBe(0o700)
      throw new Error('it broke')
    }),
  ).rejects.toThrow('it broke')
  expect(existsSync(file)).toBe(false)
  expect(readdirSync(folder)).toEqual([])
})

test('what a killed process left is removed by the next one, what a living one needs is not', async () => {
  const folder = runtime()
  await withPassfile('secret', async ({ PGPASSFILE = '' }) => {
    const own = dirname(PGPASSFILE)
    const dead = spawnSync('true').pid
    const left = own.replace(`-${process.pid}-`, `-${dead}-`)
    mkdirSync(left)
    writeFileSync(join(left, 'pgpass'), 'secret')
    const elsewhere = left.replace(/pgpass-\w+/, 'pgpass-00000000')
    mkdirSync(elsewhere)
    await withPassfile('other', async () => {
      expect(readdirSync(folder)).toHaveLength(3)
      expect(existsSync(left)).toBe(false)
    })
    expect(existsSync(PGPASSFILE)).toBe(true)
    expect(existsSync(elsewhere)).toBe(true)
  })
})

test('a password with a line break cannot be handed over, and is not shown', async () => {
  await expect(withPassfile('can\nary', async () => {})).rejects.toThrow(/line break/)
})

test('without a password there is no file', async () => {
  const folder = runtime()
  expect(await withPassfile(null, async (env) => env)).toEqual({})
  expect(readdirSync(folder)).toEqual([])
})
