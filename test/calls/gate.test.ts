import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { runGateChecks } from '../../src/calls/gate-checks.ts'
import { confirmGate, failGate, waiveGate } from '../../src/calls/gate-verdict.ts'
import type { Gate } from '../../src/core/facts.ts'
import type { GateConfirmation, Project } from '../../src/core/project.ts'
import { readAudit, recentAudit, verifyAudit } from '../../src/records/audit-log.ts'
import { readGate } from '../../src/records/gate.ts'
import { plainBackups } from '../../src/config/fill-backups.ts'

const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')
const ana = { operator: 'ana' }
let root = ''
let commit = ''

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'kg-gate-'))
  git('init', '-q', '-b', 'main')
  await writeFile(join(root, '.gitignore'), '.knowngood/\n')
  git('add', '.')
  git('-c', 'user.name=ana', '-c', 'user.email=a@b.c', 'commit', '-qm', 'first')
  commit = git('rev-parse', 'HEAD')
})
afterEach(() => rm(root, { recursive: true, force: true }))

function git(...args: string[]): string {
  return execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim()
}

function confirmation(id: string, more: Partial<GateConfirmation> = {}): GateConfirmation {
  return { id, title: `Title of ${id}`, look: 'Look', why: 'Why', evidence: 'required', when: 'before', ...more }
}

function project(gate: Partial<Project['gate']>): Project {
  const require = { withinMs: 3_600_000, thisSession: true, late: 'warn' as const }
  return {
    root,
    project: 'mosaic',
    environment: 'production',
    git: { remote: 'origin', branch: 'main', current: 'prod-current', tag: 'prod-{date}' },
    backups: plainBackups('mosaic'),
    gate: { validMs: 43_200_000, approvers: [], require, checks: [], confirmations: [], ...gate },
    evidence: { dir: 'evidence' },
  } as unknown as Project
}

function check(id: string, ...run: string[]) {
  return { id, title: id, run, timeoutMs: 10_000 }
}

function states(gate: Gate): string[] {
  return gate.items.map((item) => `${item.id} ${item.state}`)
}

describe('checks', () => {
  test('pass and fail, keep their output, and each verdict is an audit line', async () => {
    const mine = project({
      checks: [check('good', 'echo', 'fine'), check('bad', 'sh', '-c', 'echo oh; echo no >&2; exit 3')],
    })
    const seen: string[][] = []
    const gate = await runGateChecks(mine, commit, { ...ana, onChange: (now) => seen.push(states(now)) })
    expect(gate.state).toBe('failed')
    expect(states(gate)).toEqual(['good pass', 'bad fail'])
    expect(seen).toContainEqual(['good running', 'bad open'])
    expect(gate.items[1]?.output).toEqual(expect.arrayContaining(['oh', 'no']))
    expect(gate.items[1]?.reason).toContain('code 3')
    expect(await readFile(join(root, '.knowngood/gate', commit, 'bad.log'), 'utf8')).toContain('oh\n')
    expect((await recentAudit(root)).map((view) => view.says)).toEqual([
      expect.stringMatching(/^Gate item failed: bad @ .{7} \(.*code 3\)$/),
      expect.stringMatching(/^Gate item passed: good @ .{7}$/),
    ])
    expect((await verifyAudit(root)).ok).toBe(true)
  })

  test('a check that hangs is ended by its timeout and fails', async () => {
    const mine = project({ checks: [{ ...check('slow', 'sleep', '60'), timeoutMs: 200 }] })
    const gate = await runGateChecks(mine, commit, ana)
    expect(states(gate)).toEqual(['slow fail'])
  })

  test('stopped, a check has no verdict', async () => {
    const stop = new AbortController()
    const mine = project({ checks: [check('slow', 'sleep', '60')] })
    setTimeout(() => stop.abort(), 200)
    await expect(runGateChecks(mine, commit, { ...ana, signal: stop.signal })).rejects.toThrow('stopped')
    expect(states(await readGate(mine, commit, new Date()))).toEqual(['slow open'])
  })

  test('another tree is not checked, and uncommitted changes are said', async () => {
    const mine = project({ checks: [check('good', 'true')] })
    const refused = async () => await runGateChecks(mine, 'a'.repeat(40), ana).catch((error: unknown) => error)
    expect(await refused()).toMatchObject({
      why: expect.stringContaining('is checked out'),
      next: [expect.stringMatching(/^main has moved/)],
    })
    git('switch', '-q', '-c', 'other')
    git('-c', 'user.name=ana', '-c', 'user.email=a@b.c', 'commit', '-qm', 'beside', '--allow-empty')
    expect(await refused()).toMatchObject({ next: ['git switch main'] })
    git('switch', '-q', 'main')
    await writeFile(join(root, 'new.txt'), 'x')
    const gate = await runGateChecks(mine, commit, ana)
    expect(gate.items[0]?.output).toEqual(['checked with uncommitted changes in new.txt'])
  })

  test('a gate that asks nothing passes by being run', async () => {
    const mine = project({})
    expect((await readGate(mine, commit, new Date())).state).toBe('not run')
    expect((await runGateChecks(mine, commit, ana)).state).toBe('passed')
    expect((await recentAudit(root))[0]?.says).toMatch(/^Gate passed: .{7} · live unknown · no backup$/)
  })
})

describe('confirmations', () => {
  test('need evidence, which is copied and hashed', async () => {
    const mine = project({ confirmations: [confirmation('sign-in')] })
    await expect(confirmGate(mine, commit, 'sign-in', [], ana)).rejects.toMatchObject({ exit: 3 })
    await writeFile(join(root, 'Shot 1.txt'), 'seen')
    const gate = await confirmGate(mine, commit, 'sign-in', ['Shot 1.txt'], ana)
    const kept = `evidence/${commit}/sign-in-shot-1.txt`
    expect(gate.items[0]).toMatchObject({ state: 'pass', by: 'ana', evidence: [{ kind: 'file', kept }] })
    expect(await readFile(join(root, kept), 'utf8')).toBe('seen')
    expect(gate.state).toBe('passed')
    // The same bytes again are the same file; others get a name of their own.
    await confirmGate(mine, commit, 'sign-in', ['Shot 1.txt'], ana)
    await writeFile(join(root, 'Shot 1.txt'), 'seen again')
    await confirmGate(mine, commit, 'sign-in', ['Shot 1.txt'], ana)
    expect((await readdir(join(root, 'evidence', commit))).toSorted()).toEqual([
      'sign-in-shot-1-2.txt',
      'sign-in-shot-1.txt',
    ])
  })

  test('links, folders, empty and absent files are refused, and so is a linked folder of ours', async () => {
    const mine = project({ confirmations: [confirmation('sign-in')] })
    await writeFile(join(root, 'real.txt'), 'x')
    await writeFile(join(root, 'empty.txt'), '')
    await symlink('real.txt', join(root, 'link.txt'))
    await mkdir(join(root, 'folder'))
    for (const [source, why] of [
      ['link.txt', 'symbolic'],
      ['folder', 'folder'],
      ['empty.txt', 'empty'],
      ['none.txt', 'no such'],
    ] as const) {
      await expect(confirmGate(mine, commit, 'sign-in', [source], ana)).rejects.toThrow(why)
    }
    expect(await readAudit(root)).toEqual([])
    await rm(join(root, 'evidence'), { recursive: true })
    await symlink(tmpdir(), join(root, 'evidence'))
    await expect(confirmGate(mine, commit, 'sign-in', ['real.txt'], ana)).rejects.toThrow('symbolic link')
  })

  test('a visual one wants pictures by their bytes, or a URL', async () => {
    const server = createServer((_, answer) => answer.end('<!-- BUILD_ID:abc123 -->')).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    const mine = project({ confirmations: [confirmation('look', { evidence: 'visual' })] })
    await writeFile(join(root, 'fake.png'), 'no picture')
    await expect(confirmGate(mine, commit, 'look', ['fake.png'], ana)).rejects.toThrow('image')
    await writeFile(join(root, 'real.png'), PNG)
    const gate = await confirmGate(mine, commit, 'look', ['real.png', url], ana)
    expect(gate.items[0]?.evidence).toMatchObject([
      { kind: 'file' },
      { kind: 'url', status: 200, buildId: 'abc123', from: url },
    ])
    server.close()
    await expect(confirmGate(mine, commit, 'look', [url], ana)).rejects.toThrow('could not be fetched')
  })

  test('optional ones pass without, failing needs a reason', async () => {
    const mine = project({ confirmations: [confirmation('calm', { evidence: 'optional' })] })
    await expect(failGate(mine, commit, 'calm', ' ', ana)).rejects.toMatchObject({ exit: 3 })
    expect((await failGate(mine, commit, 'calm', 'the page flickers', ana)).state).toBe('failed')
    expect((await confirmGate(mine, commit, 'calm', [], ana)).state).toBe('passed')
    await expect(confirmGate(mine, commit, 'other', [], ana)).rejects.toMatchObject({ exit: 2 })
  })

  test('those asked after the deploy do not hold it', async () => {
    const mine = project({ confirmations: [confirmation('live', { when: 'after', evidence: 'optional' })] })
    expect((await runGateChecks(mine, commit, ana)).state).toBe('passed')
  })
})

describe('waivers', () => {
  test('take a reason, an approver and the typed name', async () => {
    const mine = project({ approvers: ['ben'], checks: [check('bad', 'false')] })
    await runGateChecks(mine, commit, ana)
    const waiver = { reason: 'known flake', approvedBy: 'ben', typed: 'mosaic-production' }
    await expect(waiveGate(mine, commit, 'bad', { ...waiver, reason: '' }, ana)).rejects.toThrow('Why')
    await expect(waiveGate(mine, commit, 'bad', { ...waiver, approvedBy: 'eve' }, ana)).rejects.toThrow('ben')
    await expect(waiveGate(mine, commit, 'bad', { ...waiver, typed: 'mosaic' }, ana)).rejects.toThrow(
      'mosaic-production',
    )
    const gate = await waiveGate(mine, commit, 'bad', waiver, ana)
    expect(gate).toMatchObject({
      state: 'passed',
      items: [{ state: 'waived', approvedBy: 'ben', reason: 'known flake' }],
    })
  })
})

describe('the gate', () => {
  test('is bound to its commit, its time and what was asked', async () => {
    const mine = project({ confirmations: [confirmation('calm', { evidence: 'optional' })], validMs: 1_000 })
    const gate = await confirmGate(mine, commit, 'calm', [], ana)
    expect(gate.state).toBe('passed')
    expect((await readGate(mine, 'b'.repeat(40), new Date())).state).toBe('not run')
    const later = new Date(Date.parse(gate.passedAt ?? '') + 2_000)
    expect((await readGate(mine, commit, later)).state).toBe('expired')
    expect((await readGate(mine, commit, new Date(later.getTime() - 86_400_000))).state).toBe('expired')
    const other = project({ confirmations: [confirmation('calm', { evidence: 'optional', look: 'Look elsewhere' })] })
    expect((await readGate(other, commit, new Date())).state).toBe('open')
    await writeFile(join(root, '.knowngood/gate', `${commit}.json`), '{"schema":1,')
    expect((await readGate(mine, commit, new Date())).state).toBe('not run')
  })

  test('two operators at once lose nothing', async () => {
    const ids = Array.from({ length: 12 }, (_, index) => `item-${index}`)
    const mine = project({ confirmations: ids.map((id) => confirmation(id, { evidence: 'optional' })) })
    await Promise.all(
      ids.map((id, index) => confirmGate(mine, commit, id, [], { operator: index % 2 ? 'ana' : 'ben' })),
    )
    const gate = await readGate(mine, commit, new Date())
    expect(gate.items.every((item) => item.state === 'pass')).toBe(true)
    expect((await recentAudit(root)).filter((view) => view.says.startsWith('Gate passed'))).toHaveLength(1)
    expect((await verifyAudit(root)).ok).toBe(true)
  })

  test('without an audit line there is no verdict', async () => {
    await symlink('/nowhere', join(root, '.verification_audit.log'))
    const mine = project({ confirmations: [confirmation('calm', { evidence: 'optional' })] })
    await expect(confirmGate(mine, commit, 'calm', [], ana)).rejects.toThrow('ELOOP')
    expect((await readGate(mine, commit, new Date())).state).toBe('not run')
  })
})
