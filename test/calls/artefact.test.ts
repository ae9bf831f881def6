import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { listZip } from '../../src/archive/zip-read.ts'
import { artefactCalls } from '../../src/calls/artefact.ts'
import { proofsOf } from '../../src/records/proofs.ts'
import { testIo } from '../helpers/io.ts'
import { temporaryFolder } from '../helpers/temp.ts'

const record = {
  schema: 1,
  id: 'prod-2026-11-21',
  kind: 'prod',
  at: '2026-11-21T12:00:00.000Z',
  origin: 'knowngood',
  run: 'deploy-20261121_120000Z-a1b2',
  operator: 'ana',
  commit: 'a'.repeat(40),
  commitSubject: 'A release',
  branch: 'main',
  notes: null,
  schemaRevision: null,
} as const

/** A checkout with these files, and what a deploy packs of it. */
function checkout(...files: string[]) {
  const root = temporaryFolder()
  const from = join(root, 'checkout')
  for (const file of files) {
    mkdirSync(dirname(join(from, file)), { recursive: true })
    writeFileSync(join(from, file), `${file}\n`)
  }
  const io = testIo(root)
  const staged = `backups/${io.run}.zip`
  const path = 'backups/prod-2026-11-21.zip'
  mkdirSync(join(root, 'backups'))
  return {
    root,
    zip: join(root, staged),
    stage: async () => artefactCalls['artefact.stage']({ from, paths: [], to: staged, published: path }, io),
    probe: async () => artefactCalls['artefact.probe']({ from, paths: [], to: staged, published: path }, io),
    // The confirmations of a gate may be given later, in a run of its own.
    publish: async (run = io.run) =>
      artefactCalls['artefact.publish']({ staged, path, record }, { ...io, run, dir: '' }),
  }
}

test('the artefact of a deploy holds all that was released, whatever its folders are called', async () => {
  const released = ['index.html', 'releases/index.html', 'coverage/a.txt', 'backups/b.txt', '.cache/c.txt']
  const made = checkout(...released, 'server/node_modules/d.js', 'node_modules/left-out.js', '.git/left-out')
  await made.stage()
  const names = (await listZip(made.zip)).filter(({ kind }) => kind === 'file').map(({ name }) => name.toString())
  expect(names.toSorted()).toEqual([...released, 'server/node_modules/d.js'].toSorted())
})

test('an artefact that rots while it waits for its name is never published as the one that was released', async () => {
  const made = checkout('index.html')
  const packed = await made.stage()
  expect(await made.probe()).toMatchObject({ state: 'done', gives: { sha256: packed.sha256 } })
  const bytes = readFileSync(made.zip)
  writeFileSync(made.zip, Buffer.from(bytes).fill(1, 40, 41))
  await expect(made.publish('certify-20261121_180000Z-c3d4')).rejects.toThrow(/is not what was packed/)
  expect(await proofsOf(made.root, record.id)).toEqual([])
  expect(existsSync(join(made.root, 'backups/prod-2026-11-21.json'))).toBe(false)
  // A resumed deploy packs it again.
  expect(await made.probe()).toMatchObject({ state: 'partial' })

  writeFileSync(made.zip, bytes)
  expect(await made.publish('certify-20261121_180000Z-c3d4')).toMatchObject({ sha256: packed.sha256 })
  expect(await proofsOf(made.root, record.id)).toMatchObject([{ rung: 'hashed', passed: true, digest: packed.sha256 }])
})

test('what deploys that failed have packed goes with the next release that gets its name; files of others stay', async () => {
  const made = checkout('index.html')
  const failed = 'deploy-20261120_120000Z-0a0a'
  mkdirSync(join(made.root, '.knowngood/runs', failed), { recursive: true })
  writeFileSync(join(made.root, '.knowngood/runs', failed, 'artefact'), `${'b'.repeat(64)}\n`)
  const others = ['deploy-20261119_120000Z-ffff.zip', 'deploy-notes.zip']
  for (const name of [`${failed}.zip`, ...others]) writeFileSync(join(made.root, 'backups', name), 'x')
  await made.stage()
  await made.publish()
  const left = readdirSync(join(made.root, 'backups')).filter((name) => name.endsWith('.zip'))
  expect(left.toSorted()).toEqual([...others, 'prod-2026-11-21.zip'].toSorted())
})
