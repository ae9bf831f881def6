import { execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { UserError } from '../../src/core/failure.ts'
import { files } from '../../src/sources/files.ts'
import { mayMount, mountSmall } from '../helpers/mounts.ts'
import { sourceAtWork } from '../helpers/source-round-trip.ts'
import { temporaryFolder } from '../helpers/temp.ts'

const RUN = 'deploy-20261121_120000Z-a1b2'
const MiB = 1 << 20

function project(options: Record<string, unknown> = { paths: ['uploads'] }) {
  const root = temporaryFolder()
  mkdirSync(join(root, 'uploads/deep'), { recursive: true })
  writeFileSync(join(root, 'uploads/a.txt'), 'a')
  writeFileSync(join(root, 'uploads/deep/b.txt'), 'b')
  return { root, at: sourceAtWork({ source: files as never, options, root }) }
}

const stored = (stage: string) =>
  readdirSync(stage, { recursive: true, encoding: 'utf8' }).filter((one) => one.includes('.'))

async function restoring() {
  const made = project()
  const { parts } = await made.at.capture()
  writeFileSync(join(made.root, 'uploads/a.txt'), 'changed')
  const steps = made.at.restoreSteps(parts)
  if (steps?.swap == null) throw new Error('no swap')
  return { ...made, parts, beside: steps.beside, swap: steps.swap }
}

test('fault 18: a file that grows while it is archived is whole as it was, or named', async () => {
  const { root, at } = project()
  writeFileSync(join(root, 'uploads/big.log'), Buffer.alloc(24 * MiB, 'x'))
  const script =
    "const fs = require('fs'); process.stdout.write('at it'); for (;;) fs.appendFileSync(process.argv[1], 'y'.repeat(4096))"
  const writer = spawn(process.execPath, ['-e', script, join(root, 'uploads/big.log')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(writer, 'exit')
  onTestFinished(async () => {
    writer.kill('SIGKILL')
    await ended
  })
  await once(writer.stdout, 'data')
  const { parts } = await at.capture()
  expect(parts).toMatchObject([{ unsettled: ['uploads/big.log'], counts: { files: 3 } }])
  const [part] = parts
  if (part === undefined) throw new Error('no part')
  // Torn or not, the archive itself is whole.
  await at.readable(part)
})

test('fault 19: a source that is gone, or empty, makes no archive', async () => {
  const gone = project()
  renameSync(join(gone.root, 'uploads'), join(gone.root, 'elsewhere'))
  await expect(gone.at.capture()).rejects.toThrow('uploads is not there')
  expect(stored(gone.at.stage)).toEqual([])
  const empty = project()
  rmSync(join(empty.root, 'uploads'), { recursive: true })
  mkdirSync(join(empty.root, 'uploads'))
  await expect(empty.at.capture()).rejects.toThrow('nothing to archive')
  expect(stored(empty.at.stage)).toEqual([])
})

test('fault 19: one empty folder of several is a doubt', async () => {
  const { root, at } = project({ paths: ['uploads', 'media'] })
  mkdirSync(join(root, 'media'))
  expect((await at.capture()).doubts).toEqual(['media holds no file'])
})

test('fault 30: a flipped byte is found when it is opened, and before anything is unpacked', async () => {
  const { at, root, parts, beside } = await restoring()
  const file = join(at.stage, 'files/data.tar.gz')
  const bytes = readFileSync(file)
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 20) ^ 1, bytes.length - 20)
  writeFileSync(file, bytes)
  const [part] = parts
  if (part === undefined) throw new Error('no part')
  await expect(at.readable(part)).rejects.toThrow()
  await expect(at.run(beside)).rejects.toThrow('is damaged')
  expect(readdirSync(root).toSorted()).toEqual(['stage', 'uploads'])
})

test('fault 47: files newer than the backup are gone after the swap, and kept aside', async () => {
  const { root, at, beside, swap } = await restoring()
  writeFileSync(join(root, 'uploads/newer.txt'), 'new')
  await at.run(beside)
  await at.run(swap)
  expect(existsSync(join(root, 'uploads/newer.txt'))).toBe(false)
  expect(readFileSync(join(root, `uploads.before-${RUN}/newer.txt`), 'utf8')).toBe('new')
})

test('fault 45: killed while it is unpacked beside, what is live is as it was, and what is half is removed', async () => {
  const { root, at, beside } = await restoring()
  await at.look(beside)
  mkdirSync(join(root, `.uploads.knowngood-${RUN}.tmp/uploads`), { recursive: true })
  expect(await at.probe(beside)).toMatchObject({ state: 'absent' })
  await at.act(beside)
  expect(await at.probe(beside)).toMatchObject({ state: 'done' })
  rmSync(join(root, `uploads.knowngood-${RUN}/a.txt`))
  expect(await at.probe(beside)).toMatchObject({ state: 'partial' })
  await at.undo(beside)
  expect(readdirSync(root).toSorted()).toEqual(['stage', 'uploads'])
  expect(readFileSync(join(root, 'uploads/a.txt'), 'utf8')).toBe('changed')
})

test.each([
  ['the copy beside', `uploads.knowngood-${RUN}`],
  ['what is kept', `uploads.before-${RUN}`],
])('fault 54: a link planted where %s goes is not followed', async (_, planted) => {
  const { root, at, beside, swap } = await restoring()
  mkdirSync(join(root, 'victim'))
  symlinkSync('victim', join(root, planted))
  const whole = async () => {
    await at.look(beside)
    await at.act(beside)
    await at.look(swap)
  }
  await expect(whole()).rejects.toThrow('taken already')
  await at.undo(beside)
  expect(readdirSync(join(root, 'victim'))).toEqual([])
  expect(lstatSync(join(root, planted)).isSymbolicLink()).toBe(true)
  expect(readFileSync(join(root, 'uploads/a.txt'), 'utf8')).toBe('changed')
})

test('fault 54: a link in the place of what is live, or on the way to it, is refused', async () => {
  const { root, at, beside, swap } = await restoring()
  renameSync(join(root, 'uploads'), join(root, 'elsewhere'))
  symlinkSync('elsewhere', join(root, 'uploads'))
  await expect(at.look(beside)).rejects.toThrow('symbolic link')
  await expect(at.look(swap)).rejects.toThrow('symbolic link')
  await expect(project({ paths: ['link/deep'] }).at.capture()).rejects.toThrow('not there')
  const through = project({ paths: ['link/deep'] })
  symlinkSync('uploads', join(through.root, 'link'))
  await expect(through.at.capture()).rejects.toThrow('leads through a symbolic link')
})

test('fault 55 and 56: odd names come back exactly, and pipes and sockets are named, not waited for', async () => {
  const { root, at } = project()
  const names = ['-rf', 'line\nbreak', '\u001b[31mred', 'ü'.repeat(120), "it's $(x) `y`"]
  for (const name of names) writeFileSync(join(root, 'uploads', name), name)
  execFileSync('mkfifo', [join(root, 'uploads/pipe')])
  const { parts, leftOut } = await at.capture()
  expect(leftOut).toEqual(['uploads/pipe is neither a file, a folder nor a link'])
  rmSync(join(root, 'uploads'), { recursive: true })
  await at.restore(parts)
  expect(readdirSync(join(root, 'uploads')).toSorted()).toEqual([...names, 'a.txt', 'deep'].toSorted())
  expect(names.map((name) => readFileSync(join(root, 'uploads', name), 'utf8'))).toEqual(names)
})

test.skipIf(!mayMount)('a mount point is held before anything is moved (needs the right to mount)', async () => {
  const { root, at, beside } = await restoring()
  mountSmall(join(root, 'uploads'), '1m')
  const error = await at.look(beside).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(UserError)
  expect(error).toMatchObject({ exit: 3, why: 'it is a mount point, which cannot be renamed' })
  const checks = await files.doctor(files.options.parse({ paths: ['uploads'] }), {
    root,
    git: { remote: 'o', branch: 'm' },
  })
  expect(checks).toMatchObject([{ ok: false }])
})

test.skipIf(!mayMount)(
  'fault 20: a full disk fails the capture and leaves nothing under its name (needs the right to mount)',
  async () => {
    const { root, at } = project()
    writeFileSync(join(root, 'uploads/big'), randomBytes(3 * MiB))
    mountSmall(at.stage, '1m')
    const step = at.captureStep()
    if (step === null) throw new Error('no step')
    await expect(at.run(step)).rejects.toThrow('ENOSPC')
    await at.undo(step)
    expect(stored(at.stage)).toEqual([])
  },
)

test.skipIf(!mayMount)(
  'fault 50: a disk that fills up while it is unpacked leaves what is live as it is (needs the right to mount)',
  async () => {
    const { root, at } = project({ paths: ['volume/uploads'] })
    mkdirSync(join(root, 'volume'))
    mountSmall(join(root, 'volume'), '2m')
    mkdirSync(join(root, 'volume/uploads'))
    writeFileSync(join(root, 'volume/uploads/big'), randomBytes(1.5 * MiB))
    const { parts } = await at.capture()
    writeFileSync(join(root, 'volume/uploads/big'), 'changed')
    writeFileSync(join(root, 'volume/filler'), randomBytes(1 * MiB))
    const steps = at.restoreSteps(parts)
    if (steps === null) throw new Error('no steps')
    await expect(at.run(steps.beside)).rejects.toThrow()
    await at.undo(steps.beside)
    expect(readdirSync(join(root, 'volume')).toSorted()).toEqual(['filler', 'uploads'])
    expect(readFileSync(join(root, 'volume/uploads/big'), 'utf8')).toBe('changed')
  },
)
