import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { BackupKind } from '../../src/core/backup.ts'
import { allSteps } from '../../src/core/plan.ts'
import type { Plan } from '../../src/core/plan.ts'
import { heldIn } from '../../src/mirrors/directory-calls.ts'
import { mirrorOf } from '../../src/mirrors/registry.ts'
import { planBackup } from '../../src/plans/backup.ts'
import { planDrill, planDrillLive } from '../../src/plans/drill.ts'
import { belowOf, planMirrorPush } from '../../src/plans/mirror.ts'
import { planPrune } from '../../src/plans/prune.ts'
import { planVerify } from '../../src/plans/verify.ts'
import { openGit } from '../../src/world/git.ts'
import { readSharedLock } from '../../src/world/git-lock.ts'
import { exists } from '../../src/world/files.ts'
import { listBackups } from '../../src/records/catalog.ts'
import { readDrills } from '../../src/records/drill-log.ts'
import { summarise } from '../../src/run/summary.ts'
import { processesOf } from '../../src/world/orphans.ts'
import { runKilled } from './killed.ts'
import type { Ended, Kill } from './killed.ts'
import { decidedNow } from './decided.ts'
import { leftovers, restorable } from './restorable.ts'
import type { Restorable } from './restorable.ts'

export type OperationName =
  | `backup ${BackupKind}`
  | 'restore'
  | 'emergency'
  | 'prune'
  | 'drill spot'
  | 'drill full'
  | 'drill full --live'
  | 'mirror'
  | 'baseline proof'

/** An operation on a production of its own: planned again and again, each time on what is not backed up yet. */
export type Operation = { site: Restorable; name: OperationName; plan(): Promise<Plan> }

const CONFIG = `version: { file: package.json }
mirrors: [{ use: directory, to: mirror, mounted: false, kinds: [full], latest: 2 }]
drills:
  spot: { smoke: [["sh", "-c", "find \\"$KNOWNGOOD_SCRATCH\\" -name '*.db' | grep -q ."]] }
  full: { smoke: [["test", "-e", "knowngood.yaml"]] }
`
const DATA = 'data: { to: drive, name: app, sources: [uploads], mounted: false, keep: 1 }'

const NEW = { users: ['ana', 'ben', 'eve'], upload: 'second' }
const OLD = { users: ['ana', 'ben'], upload: 'first' }

/** That operation, with everything made before that it needs. */
export async function operation(name: OperationName): Promise<Operation> {
  const site = await restorable({ config: CONFIG, data: DATA })
  site.repo.commit('A version', { 'package.json': '{ "name": "mosaic", "version": "1.4.0" }' })
  for (const folder of ['mirror', 'drive']) mkdirSync(join(site.root, folder), { recursive: true })
  writeFileSync(join(site.root, 'mirror/.knowngood-mirror'), '')
  writeFileSync(join(site.root, '.git/info/exclude'), 'mirror/\ndrive/\ndrills/\n')
  const first = await site.backup(name === 'emergency' || name === 'baseline proof' ? 'baseline' : 'set', {
    name: 'before',
  })
  if (name === 'drill full --live') await site.backup('release')
  else if (name.startsWith('drill')) for (const kind of ['bundle', 'release', 'data'] as const) await site.backup(kind)
  const made = async (): Promise<Plan> => {
    const project = await site.project()
    if (name === 'restore') return await site.restore(first)
    if (name === 'emergency') return await site.emergency()
    const decided = decidedNow(name.split(' ')[0] ?? '')
    const facts = await site.facts()
    if (name.startsWith('backup ')) {
      const kind = name.slice(7) as BackupKind
      return planBackup(project, facts, { kind, name: `s-${decided.run.slice(-4)}` }, decided)
    }
    if (name === 'prune') return planPrune(project, facts, { kind: 'data' }, decided)
    if (name === 'baseline proof') return planVerify(project, facts, { ids: [first], rung: 'restored' }, decided)
    if (name === 'mirror') return planMirrorPush(project, facts, await mirrorsOf(site), decided)
    const request = { kind: name === 'drill spot' ? 'spot' : 'full', confirmed: {}, given: { api: null, token: null } }
    const drill = name === 'drill full --live' ? planDrillLive : planDrill
    return drill(project, facts, request as Parameters<typeof planDrill>[2], decided)
  }
  const plan = async () => {
    bringToNew(site)
    if (name === 'mirror') await site.backup('full')
    if (name === 'prune') for (let count = 0; count < 2; count += 1) await site.backup('data')
    const one = await made()
    expect(one.holds).toEqual([])
    return one
  }
  return { site, name, plan }
}

/** The looks at every mirror that the verb itself takes. */
async function mirrorsOf(site: Restorable) {
  const project = await site.project()
  const place = { root: site.root, git: project.git, signal: new AbortController().signal, below: belowOf(project) }
  return await Promise.all(
    project.mirrors.map(async ({ use, to, options }) => {
      const mirror = mirrorOf(use)
      if (mirror === undefined) throw new Error(`no mirror ${use}`)
      return { to, seen: await mirror.observe(mirror.options.parse(options), place) }
    }),
  )
}

function bringToNew(site: Restorable): void {
  if (!site.users().includes('eve')) site.sql("INSERT INTO users VALUES (3, 'eve')")
  writeFileSync(join(site.root, 'uploads/deep/photo.txt'), NEW.upload)
}

/** Whether each source is wholly old or wholly new, every backup that counts is whole, and every copy on the mirror. */
export async function expectNothingMixed({ site }: Operation, at: string): Promise<void> {
  expect([NEW.users, OLD.users], at).toContainEqual(site.users())
  expect([NEW.upload, OLD.upload], at).toContain(site.upload())
  const { backups } = await site.project()
  const listed = await listBackups(site.root, { backups })
  expect(
    listed.filter(({ state }) => state !== 'ok').map(({ id, because }) => `${id}: ${because}`),
    at,
  ).toEqual([])
  for (const { id, folder, files } of await heldIn(join(site.root, 'mirror'), 'mosaic/production'))
    for (const { path, sha256 } of files) {
      const bytes = readFileSync(join(site.root, 'mirror', folder, path))
      expect(createHash('sha256').update(bytes).digest('hex'), `${at}: ${id} ${path} on the mirror`).toBe(sha256)
    }
}

/** That a run is over: no lock, temporary or process of it is left, and what is said of it is how it ended. */
async function expectOver(one: Operation, plan: Plan, ended: Ended, at: string): Promise<void> {
  const { site } = one
  const run = plan.names['run'] ?? ''
  await expectNothingMixed(one, at)
  expect(await exists(join(site.root, '.knowngood/lock')), at).toBe(false)
  expect(await readSharedLock(openGit(site.root), 'origin'), at).toBe(null)
  expect(processesOf(run), at).toEqual([])
  // Half a copy on a mirror stays hidden there for the next push to go on with.
  expect(
    leftovers(site.root).filter((path) => !path.startsWith('mirror/')),
    at,
  ).toEqual([])
  expect(await summarise(site.root, run), at).toMatchObject({
    state: 'ended',
    exit: ended.exit,
    outcome: ended.outcome,
  })
  expect(site.asked().at(-1) ?? 'status', at).not.toBe('stop')
  if (!one.name.startsWith('drill')) return
  const written = (await readDrills(site.root)).filter((line) => line.run === run)
  expect(written, `${at}: a drill that is over is written down once, as it went`).toMatchObject([
    { passed: ended.outcome === 'done' },
  ])
}

export const live = ({ site }: Operation) => ({ users: site.users(), upload: site.upload() })

/** Every point a run may be cut at: each step begun, and each step that did its work before that is written down. */
export function pointsOf(plan: Plan): Kill[] {
  return allSteps({ ...plan, always: [] }).flatMap(({ id }): Kill[] => [
    { when: 'before', step: id },
    { when: 'acted', step: id },
  ])
}

const EXITS = { SIGTERM: 143, SIGHUP: 129, SIGINT: 130 } as const
export type Signal = keyof typeof EXITS

/** Sends that signal at that point: what was done is put back and it answers with the signal's code, or it was past that. */
export async function surviveSignal(one: Operation, index: number, signal: Signal): Promise<void> {
  const plan = await one.plan()
  const before = live(one)
  const kill = pointsOf(plan)[index]
  if (kill === undefined) return
  const at = `${one.name}, ${signal} ${kill.when} ${kill.step}`
  const ended = await runKilled(one.site.root, plan, 'run', kill, { KILLED_BY: signal })
  expect([0, EXITS[signal]], `${at}: ${ended.exit} ${ended.error} ${ended.err}`).toContain(ended.exit)
  expect(ended.outcome, at).toBe(ended.exit === 0 ? 'done' : 'stopped')
  if (ended.exit !== 0) expect(live(one), at).toEqual(before)
  await expectOver(one, plan, ended, at)
}

/** Kills it at that point and ends it that way: resumed it is done, undone it is as before, abandoned it is let go. */
export async function surviveKill(one: Operation, index: number, how: 'resume' | 'undo' | 'abandon'): Promise<void> {
  const plan = await one.plan()
  const before = live(one)
  const kill = pointsOf(plan)[index]
  if (kill === undefined) return
  const at = `${one.name}, killed ${kill.when} ${kill.step}, then ${how}`
  const killed = await runKilled(one.site.root, plan, 'run', kill)
  // A step of children alone has nothing to be killed in after it acted.
  if (!killed.killed) return await expectOver(one, plan, killed, at)
  await expectNothingMixed(one, at)
  expect(await summarise(one.site.root, plan.names['run'] ?? ''), at).toMatchObject({ state: 'interrupted' })
  const ended = await runKilled(one.site.root, plan, how, null)
  const outcome = { resume: 'done', undo: 'undone', abandon: 'abandoned' }[how]
  expect(ended, `${at}: ${ended.error} ${ended.err}`).toMatchObject({ exit: 0, outcome, owed: [] })
  if (how === 'undo') expect(live(one), at).toEqual(before)
  await expectOver(one, plan, ended, at)
}
