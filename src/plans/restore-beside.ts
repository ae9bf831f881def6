import { join } from 'node:path'
import type { ListedBackup } from '../core/backup.ts'
import type { Facts } from '../core/facts.ts'
import { KINDS } from '../core/kinds.ts'
import { partFile } from '../core/part-file.ts'
import type { Hold, Plan, Step } from '../core/plan.ts'
import type { RestoreTo, StoredPart } from '../core/plug-in.ts'
import type { Project } from '../core/project.ts'
import { call, step } from '../core/step.ts'
import { clean } from '../core/text.ts'
import { unpackSteps, wholeOf } from './archive-steps.ts'
import type { Decided } from './decided.ts'
import { fitting } from './fitting.ts'
import type { Fit } from './fitting.ts'
import { remoteOf } from './parts.ts'
import { hashStep, holdStep, readableSteps, releaseStep, summed } from './proof-steps.ts'
import { backupHolds } from './restore-holds.ts'
import { dataSteps, roomStep } from './restore-parts.ts'
import { wantedOf } from './restore-request.ts'
import { unlocked } from './unlock-steps.ts'
import { scratchOf } from './verify.ts'
import { planned } from './planned.ts'

/**
 * Where a restore goes beside the live thing. `dir` is absolute; `urlFrom` names the variable that holds a database's URL.
 * `file` takes one file or folder out of the backup instead of everything.
 */
export type BesideRequest = {
  id: string
  only: string[]
  dir: string | null
  urlFrom: string | null
  file: string | null
}

/** Puts a backup's content beside, where nothing works with it: read, opened, put there and counted. Live data is not touched. */
export function planRestoreBeside(project: Project, facts: Facts, request: BesideRequest, decided: Decided): Plan {
  const { id, only, urlFrom, file } = request
  const wanted = wantedOf(project, facts, { ...request, flushRedis: false, acceptSchema: true, reason: null })
  const { backup } = wanted
  const dir = request.dir ?? scratchOf(project, decided)
  const fits = backup === undefined ? [] : besideFits(project, backup, request)
  const holds = [...backupHolds(facts, id, wanted), ...besideHolds(request, backup, fits)]
  const where = urlFrom === null ? places(dir, fits, backup, request).join(' and ') : `the database of $${urlFrom}`
  const title = `Restore ${file ?? (only.length > 0 ? only.join(', ') : id)} beside, into ${where}`
  const open = backup === undefined || holds.length > 0
  const made = open ? { steps: [], always: [] } : stepsOf(project, facts, request, decided, { backup, fits, dir })
  return planned(decided, {
    op: 'restore',
    title,
    request,
    names: { id, type: backup?.kind ?? '', remote: '', nonce: '', to: where },
    holds,
    audit: { required: false, event: 'restore.beside', subject: id, detail: { to: where } },
    locks: false,
    ...made,
  })
}

/** Not everything can stand in a folder. */
function places(dir: string, fits: readonly Fit[], backup: ListedBackup | undefined, request: BesideRequest): string[] {
  if (request.file !== null) return [dir]
  const elsewhere = [...new Set(fits.flatMap(({ source }) => source.standsIn ?? []))]
  const folder = fits.some(({ source }) => source.standsIn === undefined) || fits.length === 0
  const archive = backup !== undefined && request.only.length === 0 && KINDS[backup.kind].shape === 'archive'
  return folder || archive ? [dir, ...elsewhere] : elsewhere
}

type Chosen = { backup: ListedBackup; fits: Fit[]; dir: string }

/** Sources that can put something there: beside a folder also what never goes back in place. */
function besideFits(project: Project, backup: ListedBackup, { only, urlFrom }: BesideRequest): Fit[] {
  return fitting(project, backup).fits.filter(
    ({ name, source }) =>
      (only.length === 0 || only.includes(name)) && (urlFrom === null || source.holds === 'database'),
  )
}

function besideHolds(request: BesideRequest, backup: ListedBackup | undefined, fits: readonly Fit[]): Hold[] {
  const { id, only, urlFrom, file } = request
  if (backup === undefined || file !== null) return []
  const lacking = only.filter((name) => !fits.some((fit) => fit.name === name))
  if (lacking.length > 0)
    return lacking.map((name) => ({
      id: 'not-in-it',
      why: `${clean(id)} has no ${clean(name)} that could be put there`,
      fix: `see what it holds: knowngood show ${clean(id)}`,
    }))
  if (urlFrom !== null && fits.length !== 1)
    return [
      {
        id: 'one-database',
        why: `${fits.length} databases would go into the one of $${urlFrom}`,
        fix: 'choose one with --only',
      },
    ]
  if (KINDS[backup.kind].shape === 'pointer' || (KINDS[backup.kind].shape !== 'archive' && fits.length === 0))
    return [
      {
        id: 'nothing',
        why: `${clean(id)} holds nothing that could be put there`,
        fix: backup.commit === null ? 'choose another' : `its code: git worktree add DIR ${backup.commit.slice(0, 12)}`,
      },
    ]
  return []
}

function stepsOf(
  project: Project,
  facts: Facts,
  request: BesideRequest,
  decided: Decided,
  { backup, fits, dir }: Chosen,
): { steps: Step[]; always: Step[] } {
  const { run } = decided
  const taken = new Set(fits.flatMap((fit) => fit.parts.map(({ part }) => part.path)))
  const whole = request.urlFrom === null && request.only.length === 0 ? wholeOf(project, backup, taken) : null
  const sealed = request.file === null ? fits.map((fit) => unlocked(project, summed(fit, backup), run)) : []
  const archive = whole === null || request.file !== null ? null : unlocked(project, whole, run)
  const to: RestoreTo = { live: false, dir, urlFrom: request.urlFrom }
  const how = { to, decided, fence: false, backup, run }
  const single = request.file === null ? null : fileSteps(project, backup, request.file, dir, run)
  const opened = [...sealed, ...(archive === null ? [] : [archive]), ...(single === null ? [] : [single])]
  const { besides } = dataSteps(
    sealed.map(({ fit }) => fit),
    how,
  )
  return {
    steps: [
      holdStep(backup),
      hashStep(backup, { remote: remoteOf(facts), hard: true }),
      ...opened.flatMap(({ before }) => before),
      ...sealed.flatMap(({ fit }) => readableSteps(backup, fit, run, { hard: true })),
      roomStep(project, single === null ? [...fits, ...(whole === null ? [] : [whole])] : [], dir, null),
      folderStep(dir),
      ...besides,
      ...(archive === null ? [] : unpackSteps(archive.fit, dir, { hard: true, unread: true })),
      ...(single?.take ?? []),
    ],
    always: [...opened.flatMap(({ after }) => after), releaseStep(backup)],
  }
}

function folderStep(dir: string): Step {
  const was = { $: 'was' }
  return step(
    'folder',
    'Make the folder',
    [call('restore.folder', { dir }, `make ${dir}`, [['mkdir', '-p', '-m', '0700', dir]])],
    {
      detail: dir,
      effect: 'local',
      gives: ['dir'],
      capture: call('restore.folder.look', { dir }, `whether ${dir} is there`, [['ls', '-ld', dir]]),
      probe: call('restore.folder.probe', { dir }, `whether ${dir} is there`, [['ls', '-ld', dir]]),
      undo: [call('restore.folder.remove', { was }, `remove ${dir} again, when it is empty`, [['rmdir', dir]])],
    },
  )
}

/** One file or folder out of whichever part has it. */
function fileSteps(
  project: Project,
  backup: ListedBackup,
  path: string,
  dir: string,
  run: string,
): { before: Step[]; after: Step[]; take: Step[] } {
  const own = { source: '', use: '', path: backup.path, bytes: backup.bytes, sha256: '', unsettled: [] }
  const folder = KINDS[backup.kind].shape === 'folder'
  const parts = backup.parts.length === 0 && !folder ? [own] : backup.parts
  const stored: StoredPart[] = parts.map((part) => ({ part, file: partFile(project.root, backup, part) }))
  const { fit, before, after } = unlocked(project, { name: 'file', parts: stored }, run)
  const places = fit.parts.map(({ part, file }) => ({ path: part.path, file }))
  const input = { places, folder: folder ? backup.path : null, path, dir }
  const says = `take ${path} out of ${backup.id}`
  const byHand = places.map(({ file }) =>
    file.endsWith('.zip') ? ['unzip', file, path, '-d', dir] : ['tar', '-xzf', file, '-C', dir, path],
  )
  const to = join(dir, path)
  const take = step('take', 'Take it out', [call('restore.file', input, says, byHand.slice(0, 5))], {
    detail: path,
    effect: 'local',
    gives: ['place', 'from'],
    capture: call('restore.file.look', { to }, `whether ${to} is free`, [['ls', '-l', to]]),
    probe: call('restore.file.probe', { to }, `whether ${to} is there`, [['ls', '-l', to]]),
    undo: [call('restore.file.remove', { to, was: { $: 'was' } }, `remove ${to}`, [['rm', '-r', to]])],
    stop: 'anytime',
  })
  return { before, after, take: [take] }
}
