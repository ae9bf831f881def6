import { posix } from 'node:path'
import { pathOf } from '../core/backup-names.ts'
import type { PreflightInput } from '../core/backup-input.ts'
import type { Facts } from '../core/facts.ts'
import { valueOr } from '../core/known.ts'
import { BACKUP_REFS } from '../core/paths.ts'
import type { Call, Step } from '../core/plan.ts'
import type { Project } from '../core/project.ts'
import { call, lookAt, step } from '../core/step.ts'
import { captureSteps } from './backup-captures.ts'
import type { Making } from './backup-captures.ts'
import { publishInput } from './backup-publish.ts'
import { driveOf, nameFor, sourcesFor, stageFor } from './backup-request.ts'
import type { BackupRequest } from './backup-request.ts'
import type { Decided } from './decided.ts'
import { publishByHand, stagedBy } from './publish-by-hand.ts'
import { quickStep } from './parts.ts'

/**
 * Makes a backup: one step "backup" with its captures inside; its last, "backup.publish" (for quick: "backup" itself), gives
 * `id`, `commit`, `path`, `at`, `bytes`. Published whole or not at all, and never undone once it is. Empty where there is nothing
 * to capture, or for a pointer nothing live. Put `backupTidySteps` into the plan's `always`.
 */
export function backupSteps(project: Project, facts: Facts, decided: Decided, request: BackupRequest): Step[] {
  if (request.kind === 'quick') {
    const quick = quickStep(project, facts, decided, request.notes ?? null, request.session)
    return quick === null ? [] : [quick]
  }
  const making = makingOf(project, facts, decided, request)
  const captures = captureSteps(project, facts, decided, making)
  if (captures.length === 0) return []
  const { name, stage } = making
  const input = publishInput(project, facts, decided, making, captures)
  const where = pathOf(name, name.first)
  const ref = `${BACKUP_REFS}/${name.id}`
  const probe = call('backup.published', input, 'whether it stands under its name', [['ls', '-l', where]])
  const holds = input.draft.commit !== null && input.holdsCommit ? [['git', 'update-ref', ref, input.draft.commit]] : []
  const staged = stagedBy(captures)
  const publish = step(
    'backup.publish',
    'Publish',
    [
      call('backup.publish', input, `read every byte again and give it its name, ${where}`, [
        ...holds,
        ...publishByHand(name, stage, staged, input.drive),
      ]),
    ],
    {
      detail: where,
      effect: 'outward',
      gives: ['id', 'commit', 'path', 'at', 'bytes', 'sha256', 'exports'],
      probe,
      undo: [call('backup.unpublish', input, 'take back what was not finished', lookAt(input.remote, ref))],
    },
  )
  return [
    step('backup', 'Back up', [roomCall(preflight(project, facts, making))], {
      detail: name.id,
      effect: 'outward',
      probe,
      steps: [stageStep(stage, staged), ...captures, publish],
    }),
  ]
}

/**
 * The look for room that such a backup begins with, for a plan that must know before it touches anything. `bytes` is what it
 * will take at least, whatever the last one took. None where there is nothing to capture.
 */
export function backupRoom(
  project: Project,
  facts: Facts,
  decided: Decided,
  { request, bytes }: { request: BackupRequest; bytes: number },
): Call[] {
  const making = makingOf(project, facts, decided, request)
  if (captureSteps(project, facts, decided, making).length === 0) return []
  const input = preflight(project, facts, making)
  return [roomCall({ ...input, last: Math.max(input.last, bytes) })]
}

function roomCall(input: PreflightInput): Call {
  const { dir } = input
  return call('backup.preflight', input, 'look for room to write', [
    ['mkdir', '-p', dir],
    ['df', '-h', dir],
  ])
}

/** For a plan's `always`: nothing half-made stays, also when the run is abandoned. */
export function backupTidySteps(project: Project, facts: Facts, decided: Decided, request: BackupRequest): Step[] {
  if (request.kind === 'quick') return []
  const { stage } = makingOf(project, facts, decided, request)
  return [
    step('backup.tidy', 'Clean up', [discard(stage)], {
      effect: 'local',
      probe: call('again.probe', {}, 'it may be done again'),
      stop: 'never',
      onFail: 'owe',
    }),
  ]
}

/** Where the backup will stand, relative to the root: what logs and records name beforehand. */
export function backupPath(project: Project, facts: Facts, decided: Decided, request: BackupRequest): string {
  const name = nameFor(project, facts, decided, request)
  return pathOf(name, name.first)
}

function makingOf(project: Project, facts: Facts, decided: Decided, request: BackupRequest): Making {
  const name = nameFor(project, facts, decided, request)
  return { request, name, stage: stageFor(project, decided, name), sources: sourcesFor(project, request) }
}

const discard = (stage: string) => call('backup.discard', { stage }, `remove ${stage}`, [['rm', '-rf', stage]])

function stageStep(stage: string, staged: readonly { path: string }[]): Step {
  const input = { stage }
  const folders = [...new Set(staged.map(({ path }) => posix.join(stage, posix.dirname(path))))]
  const byHand = [['mkdir', '-p', '-m', '0700', ...new Set([stage, ...folders])]]
  return step('backup.stage', 'Make room', [call('backup.stage', input, `make ${stage}`, byHand)], {
    effect: 'local',
    probe: call('backup.stage.probe', input, 'whether it is there', [['ls', '-ld', stage]]),
    undo: [discard(stage)],
  })
}

function preflight(project: Project, facts: Facts, { name, stage }: Making): PreflightInput {
  const { free, folder, volume } = project.disk
  const last = valueOr(facts.backups, []).find((one) => one.kind === name.kind && one.state === 'ok')
  const { kind, dir } = name
  return { kind, dir, stage, free, last: last?.bytes ?? 0, folder, volume, drive: driveOf(project, kind) }
}
