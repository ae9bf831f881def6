import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { centralHeader, endRecords, localHeader } from '../../src/archive/zip-format.ts'
import { writeZip } from '../../src/archive/zip-write.ts'
import { built } from '../helpers/built.ts'
import { open } from '../helpers/pty.ts'
import { restorable } from '../helpers/restorable.ts'
import { temporaryFolder } from '../helpers/temp.ts'

const NAME = '\u001b]52;c;ZXZpbA==\u0007evil\u202egnp\u009b31m'
const ID = 'site-20250103_000000Z'
// Colours and the moves of the tree itself are a terminal's own.
// oxlint-disable-next-line no-control-regex -- that is what is looked for
const OBEYED = /\u001b\]|\u0007|\u009b|\u202e/

/** A zip of somebody else whose one member has such a name, and is damaged. */
async function plant(root: string): Promise<void> {
  const tree = temporaryFolder()
  writeFileSync(join(tree, NAME), 'as it was')
  const zip = join(temporaryFolder(), 'made.zip')
  await writeZip({ root: tree, exclude: [], to: zip })
  const bytes = readFileSync(zip)
  bytes[bytes.indexOf('as it was')] = 0x41
  mkdirSync(join(root, 'backups'), { recursive: true })
  writeFileSync(join(root, `backups/site-backup_${ID.slice('site-'.length)}.zip`), bytes)
}

test('fault 65: a name in an archive of somebody else is shown inert, in text, in JSON and on a terminal', async () => {
  const { root, kg } = await restorable()
  await plant(root)
  const text = await kg('verify', ID)
  expect(text.exit).toBe(4)
  expect(text.out).toContain('evilgnp does not agree with its checksum')
  expect(text.err).toContain('evilgnp does not agree with its checksum]')
  expect(text.out + text.err).not.toMatch(OBEYED)
  const json = await kg('verify', ID, '--json')
  expect(json.json['error']).toContain(`${NAME} does not agree with its checksum`)
  expect(json.out + json.err).not.toMatch(OBEYED)
  const terminal = open({ argv: built('verify', ID), cwd: root, columns: 160 })
  onTestFinished(() => terminal.close())
  expect(await terminal.waitExit()).toMatchObject({ code: 4 })
  expect(terminal.screen().join('\n')).toContain('evilgnp does not agree with its checksum')
  expect(terminal.raw()).not.toMatch(OBEYED)
})

test('fault 65: a name in the own tree is shown inert where it is refused', async () => {
  const { root, kg } = await restorable()
  symlinkSync(`/tmp/${NAME}`, join(root, 'uploads', NAME))
  const made = await kg('backup', 'set', '--name', 'evil')
  expect(made.out + made.err).toContain('evilgnp is a link that leads out of the tree')
  expect(made.out + made.err).not.toMatch(OBEYED)
})

test('a member with a name that no file system takes is refused in words, with its two ends', async () => {
  const { root, kg } = await restorable()
  const name = Buffer.from(`begin/${Array.from({ length: 300 }, () => 'd'.repeat(200)).join('/')}/end.txt`)
  const nothing = { crc: 0, packed: 0, size: 0, method: 0 as const, offset: 0, wide: false }
  const member = { name, mode: 0o100644, modified: new Date(0), ...nothing }
  const parts = [localHeader(member), centralHeader(member)]
  const zip = Buffer.concat([...parts, endRecords(1, parts[1]?.length ?? 0, parts[0]?.length ?? 0)])
  mkdirSync(join(root, 'backups'), { recursive: true })
  writeFileSync(join(root, `backups/site-backup_${ID.slice('site-'.length)}.zip`), zip)
  const said = await kg('verify', ID)
  expect(said.exit).toBe(4)
  expect(said.out).toContain('the name is too long for this file system')
  expect(Math.max(...`${said.out}\n${said.err}`.split('\n').map((line) => line.length))).toBeLessThan(500)
})

test('a secret in what a step failed with is masked in its last lines and in JSON, as in the tree', async () => {
  const { root, kg } = await restorable()
  await plant(root)
  vi.stubEnv('MOSAIC_TOKEN', 'does not agree')
  onTestFinished(() => void vi.unstubAllEnvs())
  for (const said of [await kg('verify', ID), await kg('verify', ID, '--json')]) {
    expect(said.out).toContain('*** with its checksum')
    expect(said.out + said.err).not.toContain('does not agree')
  }
})
