import { readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execaSync } from 'execa'
import { expect, test } from 'vitest'
import { run } from '../../src/commands/shim.ts'
import { headless } from '../helpers/context.ts'
import { temporaryFolder } from '../helpers/temp.ts'

function folder(): string {
  const root = temporaryFolder()
  writeFileSync(join(root, 'back up.sh'), '#!/bin/sh\necho old "$@"\n', { mode: 0o755 })
  return root
}

test('an old script warns, waits and hands over; the old one stays runnable', async () => {
  const root = folder()
  await run(headless(root), ['back up.sh', 'printf', '%s|', 'a b', '$(touch pwn)'], {})
  // The five seconds are not the test's to wait for.
  const text = readFileSync(join(root, 'back up.sh'), 'utf8')
  expect(text).toContain('\nsleep 5\n')
  writeFileSync(join(root, 'quick.sh'), text.replace('sleep 5', ''), { mode: 0o755 })
  const said = execaSync(join(root, 'quick.sh'), [], { cwd: root })
  expect([said.stdout, said.stderr]).toEqual([
    'a b|$(touch pwn)|',
    expect.stringContaining('DEPRECATED: back up.sh is replaced by'),
  ])
  expect(said.stderr).not.toContain('handed on')
  for (const ask of ['-h', '--help']) expect(execaSync(join(root, 'quick.sh'), [ask], { cwd: root }).stdout).toBe('')
  const words = execaSync(join(root, 'quick.sh'), ['--pass', 'hunter2'], { cwd: root })
  expect([words.stdout, words.stderr]).toEqual([
    'a b|$(touch pwn)|',
    expect.stringContaining('not handed on (2 words)'),
  ])
  const legacy = execaSync(join(root, 'back up.sh'), ['1', '2'], { cwd: root, env: { KNOWNGOOD_LEGACY: '1' } })
  expect(legacy.stdout).toBe('old 1 2')
  expect(statSync(join(root, 'back up.legacy.sh')).mode & 0o777).toBe(0o755)
})

test('writing it again changes the command and never the old script', async () => {
  const root = folder()
  await run(headless(root), ['back up.sh', 'true'], {})
  const old = readFileSync(join(root, 'back up.legacy.sh'), 'utf8')
  await run(headless(root), ['back up.sh', 'false'], {})
  expect(readFileSync(join(root, 'back up.sh'), 'utf8')).toMatch(/exec false\n$/)
  expect(readFileSync(join(root, 'back up.legacy.sh'), 'utf8')).toBe(old)
})

test('what is not there, is a link, or would lose a file is refused', async () => {
  const root = folder()
  await expect(run(headless(root), ['nope.sh', 'true'], {})).rejects.toThrow('There is no nope.sh')
  symlinkSync('back up.sh', join(root, 'link.sh'))
  await expect(run(headless(root), ['link.sh', 'true'], {})).rejects.toThrow('symbolic link')
  writeFileSync(join(root, 'back up.legacy.sh'), 'mine')
  await expect(run(headless(root), ['back up.sh', 'true'], {})).rejects.toThrow('is there already')
  expect(readFileSync(join(root, 'back up.legacy.sh'), 'utf8')).toBe('mine')
})

test('a dry run shows the wrapper and writes nothing', async () => {
  const root = folder()
  const { lines } = await run(headless(root, { dryRun: true }), ['back up.sh', 'true'], {})
  expect(lines.join('\n')).toContain('exec true')
  expect(readFileSync(join(root, 'back up.sh'), 'utf8')).toContain('echo old')
})
