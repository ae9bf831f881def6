import { expect, test } from 'vitest'
import { calls } from '../../src/calls/registry.ts'
import type { Facts } from '../../src/core/facts.ts'
import { known } from '../../src/core/known.ts'
import { allSteps } from '../../src/core/plan.ts'
import type { Action, Arg, Call, Plan, Step } from '../../src/core/plan.ts'
import type { Project } from '../../src/core/project.ts'
import { planBackupQuick } from '../../src/plans/backup-quick.ts'
import { planBackup } from '../../src/plans/backup.ts'
import { planCertify } from '../../src/plans/certify.ts'
import { planDelete } from '../../src/plans/delete.ts'
import { planDeploy } from '../../src/plans/deploy.ts'
import { planPrune } from '../../src/plans/prune.ts'
import { planPublish } from '../../src/plans/publish.ts'
import { planRollback } from '../../src/plans/rollback.ts'
import { planSacred } from '../../src/plans/sacred.ts'
import { planVerifyLive } from '../../src/plans/verify-live.ts'
import { decidedFor } from '../helpers/decided.ts'
import { backup, NEXT, NOW, someFacts } from '../helpers/fake-facts.ts'
import { projectAt } from '../helpers/project.ts'

const LIVE = '31d099c0c8a5b7e1f2d34455667788990011aabb'
const OLDER = '7c1aa02bb1b2c3d4e5f60718293a4b5c6d7e8f90'
const facts = someFacts()
const live = { kind: 'url', url: 'https://mosaic.example/', contains: null, status: 200, timeoutMs: 5_000 } as const
const project = projectAt('/clone', { verify: { timeoutMs: 5_000, reads: 3, checks: [live] } })

const keptArtefact = { ...backup('prod', 'prod-2025-11-12', NOW, 9, 'hashed'), commit: OLDER, path: 'backups/old.zip' }
const withArtefact: Facts = { ...facts, backups: known([keptArtefact], NOW) }
const byCommand: Project = {
  ...project,
  build: { ...project.build, run: [['npm', 'run', 'build']], stamp: [{ file: 'index.html', text: '<!-- {id} -->' }] },
  deploy: {
    ...project.deploy,
    migrate: [['npm', 'run', 'migrate']],
    targets: [{ use: 'command', run: ['./up', '{dir}'], back: ['./back', '{commit}'], status: ['./status'] }],
  },
}
const after: Project = {
  ...project,
  gate: { ...project.gate, confirmations: [confirmation()] },
}

function confirmation(): Project['gate']['confirmations'][number] {
  return { id: 'eyes', title: 'Eyes', look: '', why: '', evidence: 'optional', when: 'after' }
}

const to = (id: string, by: 'revert' | 'reset') => ({ to: id, by, reason: 'cookies' })
const prune = { ...project, backups: { ...project.backups, quick: { ...project.backups.quick, keep: 1 } } }

const crowded: Facts = {
  ...facts,
  backups: known(
    [1, 2, 3].map((hours) => ({ ...backup('quick', `quick-${hours}`, NOW, hours, 'hashed'), commit: OLDER })),
    NOW,
  ),
}
const bundled: Facts = {
  ...facts,
  backups: known(
    [{ ...backup('bundle', 'bundle-1', NOW, 1, 'hashed'), path: 'releases/m.tar.gz', commitSubject: 'v1.4.0' }],
    NOW,
  ),
}
const onGitHub = { ...project, github: { repository: 'mosaic/site', api: null, token: null } }
const withDrive: Project = {
  ...project,
  sources: {
    database: { use: 'sqlite', path: 'app.db' },
    runtime: { use: 'files', paths: ['.codex-api'] },
    code: { use: 'files', parts: { site: ['index.html'] } },
  },
  backups: {
    ...project.backups,
    data: {
      keep: 3,
      freshMs: null,
      dir: '/mnt/gdrive/codex-backups',
      name: 'codex-api',
      sources: ['runtime'],
      mounted: true,
      quota: null,
      encrypt: { gpg: 'CODEX_BACKUP_GPG_KEY' },
      prune: true,
    },
  },
}

const plans: Record<string, () => Plan> = {
  backup: () => planBackupQuick(project, facts, {}, decidedFor('backup')),
  ...Object.fromEntries(
    (['full', 'site', 'release', 'bundle', 'data', 'dump', 'set', 'baseline'] as const).map((kind) => [
      `backup ${kind}`,
      () => planBackup(withDrive, facts, { kind, name: 'before-v2' }, decidedFor('backup')),
    ]),
  ),
  'deploy, with a full backup': () =>
    planDeploy(
      { ...withDrive, deploy: { ...project.deploy, backup: 'full' } },
      facts,
      { type: 'release' },
      decidedFor('deploy'),
    ),
  delete: () => planDelete(project, facts, { id: 'quick-1' }, decidedFor('delete')),
  prune: () => planPrune(prune, crowded, { kind: null }, decidedFor('prune')),
  deploy: () => planDeploy(project, facts, { type: 'release' }, decidedFor('deploy')),
  'deploy, by a command': () => planDeploy(byCommand, facts, { type: 'patch' }, decidedFor('deploy')),
  'deploy, certified later': () => planDeploy(after, facts, { type: 'release' }, decidedFor('deploy')),
  'deploy, and prune': () => planDeploy(prune, facts, { type: 'release' }, decidedFor('deploy')),
  certify: () => planCertify(after, facts, {}, decidedFor('certify')),
  'rollback by revert': () => planRollback(project, facts, to('prod-2025-11-12', 'revert'), decidedFor('rollback')),
  'rollback by reset': () => planRollback(project, facts, to('prod-2025-11-12', 'reset'), decidedFor('rollback')),
  'rollback to an artefact': () =>
    planRollback(byCommand, withArtefact, to('prod-2025-11-12', 'revert'), decidedFor('rollback')),
  'verify-live': () => planVerifyLive(project, facts, {}, decidedFor('verify-live')),
  publish: () =>
    planPublish(
      onGitHub,
      bundled,
      { tag: 'v1.4.0', recordUrl: false },
      { api: null, token: 'GH_TOKEN' },
      decidedFor('publish'),
    ),
  sacred: () => planSacred(project, facts, { name: 'before-v2' }, decidedFor('sacred')),
}

const idsOf = (steps: readonly Step[]) => steps.map((step) => step.id).join(' ')

test.each([
  ['backup', 'backup', ''],
  ['backup full', 'backup', 'backup.tidy'],
  ['backup data', 'backup', 'backup.tidy'],
  [
    'deploy',
    'lock basis backup build stage target.git-push verify tag certify artefact record log index audit',
    'log-failed clean unlock',
  ],
  [
    'deploy, by a command',
    'lock basis backup build stage migrate-1 target.command verify tag certify artefact record log index audit',
    'log-failed clean unlock',
  ],
  [
    'deploy, certified later',
    'lock basis backup build stage target.git-push verify log index audit',
    'log-failed clean unlock',
  ],
  ['certify', 'lock basis verify tag certify artefact record log index audit', 'log-failed unlock'],
  [
    'rollback by revert',
    'lock basis backup commit target.git-push verify certify record log index',
    'log-failed unlock',
  ],
  ['rollback by reset', 'lock basis backup keep target.git-push verify certify record log index', 'log-failed unlock'],
  [
    'rollback to an artefact',
    'lock basis backup unpack target.command verify certify record log index',
    'log-failed clean unlock',
  ],
  ['verify-live', 'verify', ''],
  ['publish', 'bundle look draft record clear upload.bundle upload.lock upload.sums check publish', ''],
  ['sacred', 'tag', ''],
])('%s goes in this order', (name, steps, always) => {
  const plan = plans[name]?.()
  expect(idsOf(plan?.steps ?? [])).toBe(steps)
  expect(idsOf(plan?.always ?? [])).toBe(always)
})

const actionsOf = (step: Step): Action[] => [
  ...(step.capture ? [step.capture] : []),
  ...step.actions,
  ...(step.undo ?? []),
]

function callsOf(plan: Plan): Call[] {
  const all = allSteps(plan).flatMap((step) => [...actionsOf(step), ...(step.probe ? [step.probe] : [])])
  return all.flatMap((action) => (action.do === 'call' ? [action] : []))
}

/** What has no likeness among standard tools: our own formats, and a list that is known only when it is made. */
const OURS_ALONE = new Set([
  'again.probe',
  'audit.append',
  'build.mark',
  'index.write',
  'log.failed',
  'log.write',
  'migrate.probe',
  'prune.kind',
  'rollback.commit.probe',
  'stamp.write',
  'tag.probe',
])

test.each(Object.keys(plans))('%s is data that a crash cannot change', (name) => {
  const plan = plans[name]?.() as Plan
  expect(JSON.parse(JSON.stringify(plan))).toEqual(plan)
  expect(plans[name]?.()).toEqual(plan)
  const ids = allSteps(plan).map((step) => step.id)
  expect(new Set(ids).size).toBe(ids.length)
  const steps = allSteps(plan)
  expect(idsOf(steps.filter((step) => step.probe === undefined && step.effect !== 'read'))).toBe('')
  // What nobody can put back must not promise it.
  expect(idsOf(steps.filter((step) => step.effect === 'destroys' && step.onFail === 'undo' && !step.undo))).toBe('')
  const named = callsOf(plan)
  expect(named.map((call) => call.name).filter((one) => !Object.hasOwn(calls, one))).toEqual([])
  const silent = named.filter((call) => call.byHand.length === 0).map((call) => call.name)
  expect(silent.filter((one) => !OURS_ALONE.has(one))).toEqual([])
  expect(plan.certifiedBy === null || ids.includes(plan.certifiedBy)).toBe(true)
  expect(loose(plan.steps)).toEqual([])
})

/** References to what comes later, or to what no step gives. */
function loose(steps: readonly Step[]): string[] {
  const given = new Set<string>()
  return steps.flatMap((step) => {
    const missing = refsIn(step.actions).filter((ref) => !/^(run|was)\./.test(ref) && !given.has(ref))
    for (const name of step.gives) given.add(`${step.id}.${name}`)
    return missing
  })
}

/** References anywhere in what a step is handed; the words for people are not followed. */
function refsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(refsIn)
  if (typeof value !== 'object' || value === null) return []
  if ('$' in value && typeof value.$ === 'string') return [value.$]
  return Object.entries(value).flatMap(([key, inner]) => (key === 'byHand' ? [] : refsIn(inner)))
}

function byHand(plan: Plan, id: string): Arg[][] {
  const step = allSteps(plan).find((one) => one.id === id)
  return (step?.actions ?? []).flatMap((action) =>
    action.do === 'call' ? action.byHand : action.do === 'exec' ? [action.argv] : [],
  )
}

test('a deploy is these commands', () => {
  const plan = planDeploy(project, facts, { type: 'release' }, decidedFor('deploy'))
  const lease = '--force-with-lease=refs/heads'
  expect(byHand(plan, 'target.git-push')).toEqual([
    ['git', 'push', '--atomic', `${lease}/main:${NEXT}`, '--', 'origin', `${NEXT}:refs/heads/main`],
  ])
  expect(byHand(plan, 'certify')).toEqual([
    [
      'git',
      'push',
      '--atomic',
      `${lease}/prod-current:${LIVE}`,
      '--',
      'origin',
      'refs/tags/prod-2025-11-21',
      `${NEXT}:refs/heads/prod-current`,
    ],
  ])
  expect(byHand(plan, 'artefact')).toEqual([
    ['mv', 'backups/deploy-20251121_120711Z-a1b2.zip', 'backups/prod-2025-11-21.zip'],
  ])
})

test('a rollback by reset keeps what it takes off; by a command it unpacks what was recorded', () => {
  const reset = plans['rollback by reset']?.() as Plan
  const undo = 'refs/knowngood/undo/rollback-20251121_120711Z-a1b2'
  expect(byHand(reset, 'keep')).toEqual([
    ['git', 'update-ref', undo, NEXT],
    ['git', 'push', 'origin', `${NEXT}:${undo}`],
  ])
  expect(byHand(reset, 'target.git-push')[0]?.at(-1)).toBe(`${OLDER}:refs/heads/main`)
  const unpack = plans['rollback to an artefact']?.() as Plan
  expect(byHand(unpack, 'unpack')).toEqual([
    ['sha256sum', 'backups/old.zip'],
    ['unzip', '-q', 'backups/old.zip', '-d', '/tmp/knowngood-rollback-20251121_120711Z-a1b2'],
  ])
  expect(byHand(unpack, 'target.command')).toEqual([['./back', OLDER]])
  expect(unpack.names).toMatchObject({ commit: OLDER, buildId: OLDER })
})

test('a sacred point and live reads are these commands', () => {
  expect(byHand(plans['sacred']?.() as Plan, 'tag')).toEqual([
    ['git', 'tag', '-a', 'sacred/before-v2', LIVE],
    ['git', 'push', 'origin', 'refs/tags/sacred/before-v2'],
  ])
  expect(byHand(plans['verify-live']?.() as Plan, 'verify')).toEqual([['curl', '-fsS', '-i', live.url]])
})
