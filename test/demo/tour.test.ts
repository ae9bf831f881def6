import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { expect, test } from 'vitest'

const pathOf = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

async function run(program: string, args: readonly string[]) {
  const temp = await mkdtemp(join(tmpdir(), 'demo-tour-'))
  const ended = await execa(process.execPath, [program, ...args], {
    cwd: temp,
    env: { TMPDIR: temp },
    stdin: 'ignore',
    reject: false,
  })
  const left = (await readdir(temp)).filter((name) => name.startsWith('knowngood-demo-'))
  await rm(temp, { recursive: true })
  return { exit: ended.exitCode, out: ended.stdout, err: ended.stderr, left }
}

test('a program that only says it did something does not pass the tour', async () => {
  const { exit, out, left } = await run(pathOf('../fixtures/idle-program.ts'), [])
  expect(out).toContain('$ knowngood kickoff\n    did kickoff\n  ✓ knowngood kickoff: exit 0')
  expect(out).toContain('✗ The tour stopped: not so: a new record is in backups/quick')
  expect(exit).toBe(5)
  expect(left).toEqual([])
})

test('without a terminal `demo` does the whole flow for real and ends with 0', { timeout: 240_000 }, async () => {
  const { exit, out, err, left } = await run(pathOf('../../src/bin.ts'), ['demo', '--json'])
  expect(exit, err.slice(-3000)).toBe(0)
  const told = JSON.parse(out) as {
    ok: boolean
    tag: string
    live: string[]
    steps: { what: string; exit: number | null; ok: boolean }[]
  }
  expect(told).toMatchObject({ ok: true, success: true, deviation: null })
  expect(told.tag).toMatch(/^prod-\d{4}-\d\d-\d\d$/)
  expect(new Set(told.live).size).toBe(4)
  expect(told.steps.every((step) => step.ok)).toBe(true)
  expect(told.steps.filter((step) => step.what.startsWith('knowngood deploy')).map((step) => step.exit)).toEqual([0, 7])
  expect(err).toContain('$ knowngood rollback')
  expect(left).toEqual([])
})
