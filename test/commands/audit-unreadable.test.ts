import { mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { restorable } from '../helpers/restorable.ts'

test('fault 68: an audit log that is a folder is said to be one, no verdict goes without its line, and a backup says that it left none', async () => {
  const config = 'gate: { checks: [{ id: tests, title: Tests, run: ["true"] }] }\n'
  const { kg, root } = await restorable({ config })
  const log = join(root, '.verification_audit.log')
  rmSync(log, { force: true })
  mkdirSync(log)
  for (const args of [['audit'], ['gate'], ['deploy', '--yes']]) {
    const { exit, out, err } = await kg(...args)
    expect([args[0], exit], out + err).toEqual([args[0], 3])
    expect(err).not.toContain('bug')
  }
  expect((await kg('audit')).err).toContain(`${log} is not a file`)
  expect((await kg('gate', '--status')).out).toContain('tests  Tests  open')
  const made = await kg('backup', 'quick')
  expect([made.exit, made.out]).toEqual([
    0,
    expect.stringMatching(/Quick backup created.*\n! still owed: the audit log cannot be written, .* is not a file/s),
  ])
  renameSync(log, `${log}.aside`)
  expect(await kg('gate')).toMatchObject({ exit: 0 })
})
