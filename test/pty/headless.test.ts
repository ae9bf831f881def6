import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { built } from '../helpers/built.ts'
import { open, type Pty } from '../helpers/pty.ts'
import { restorable } from '../helpers/restorable.ts'

/** What is typed in a terminal without the dashboard. */

async function restoring(): Promise<{ terminal: Pty; root: string }> {
  const site = await restorable()
  const id = await site.backup('full')
  return { terminal: open({ argv: built('restore', id), cwd: site.root, rows: 40 }), root: site.root }
}

test.each([
  ['ctrl-c', '\u0003', 130, 'it was stopped with Ctrl-C'],
  ['ctrl-d', '\u0004', 3, 'the question was not answered'],
  ['y', 'y\r', 3, 'the plan was not confirmed with Y'],
])('a review answered with %s is left, and nothing has changed', async (_, keys, code, why) => {
  const { terminal } = await restoring()
  await terminal.waitFor('Y to go on:')
  terminal.send(keys)
  expect(await terminal.waitExit()).toMatchObject({ code })
  expect(terminal.screen().join('\n')).toContain(`\nLeft without acting: ${why}.\n  Nothing has changed.`)
})

test('what is to be answered can be read in one screen, and the tree of the run follows', async () => {
  const { terminal } = await restoring()
  const shown = await terminal.waitFor('Y to go on:')
  expect(shown.join('\n')).toContain('--dry-run prints every command')
  expect(shown.filter((row) => row.includes('$ '))).toEqual([])
  terminal.send('Y\r')
  await terminal.waitFor('Why?')
  terminal.send('drill\r')
  await terminal.waitFor('Type mosaic-production')
  terminal.send('mosaic-production\r')
  expect(await terminal.waitExit(60_000)).toMatchObject({ code: 0 })
  expect(terminal.screen().join('\n')).toMatch(/\n✓ [^\n]+\n {2}✓ /)
})

test('with --json the document alone goes to stdout, also where the tree is drawn on a terminal', async () => {
  const { root } = await restorable()
  const out = join(root, '.git/out.json')
  const command = built('backup', 'full', '--json').map((word) => `'${word}'`)
  const terminal = open({ argv: ['sh', '-c', `${command.join(' ')} > '${out}'`], cwd: root })
  expect(await terminal.waitExit()).toMatchObject({ code: 0 })
  expect(terminal.screen().join('\n')).toMatch(/✓ Back up {2}full-\d+\n {2}✓ /)
  expect(JSON.parse(readFileSync(out, 'utf8'))).toMatchObject({ schema: 'knowngood/backup/1', ok: true })
})
