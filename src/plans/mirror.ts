import type { ListedBackup } from '../core/backup.ts'
import type { Facts } from '../core/facts.ts'
import { EXIT } from '../core/failure.ts'
import type { JsonRecord } from '../core/json.ts'
import type { Known } from '../core/known.ts'
import { valueOr } from '../core/known.ts'
import { mirrorWork } from '../core/mirror-work.ts'
import type { Plan, Step } from '../core/plan.ts'
import type { Mirror, MirrorHeld } from '../core/plug-in.ts'
import type { MirrorOptions, Project } from '../core/project.ts'
import { call, step } from '../core/step.ts'
import { mirrorOf } from '../mirrors/registry.ts'
import type { Decided } from './decided.ts'
import { planned } from './planned.ts'

/** A mirror as it was looked at for the plan. */
export type SeenMirror = { to: string; seen: Known<{ free: number | null; holds: MirrorHeld[] }> }

/** Where a mirror keeps this project's copies. */
export function belowOf({ project, environment }: Pick<Project, 'project' | 'environment'>): string {
  return `${project}/${environment}`
}

/** Brings every mirror up to date; one that does not answer holds nobody up, and is owed. */
export function planMirrorPush(project: Project, facts: Facts, seen: readonly SeenMirror[], decided: Decided): Plan {
  const backups = valueOr(facts.backups, [])
  const now = new Date(decided.now)
  const steps = project.mirrors.flatMap((entry, index) => {
    const mirror = mirrorOf(entry.use)
    const found = seen.find(({ to }) => to === entry.to)?.seen
    if (mirror === undefined || found?.ok !== true) return []
    const { put, drop } = mirrorWork(entry, backups, found.value.holds, now)
    const at = { project, entry, mirror, index }
    return [...put.flatMap((backup) => putSteps(at, backup)), ...drop.map((held) => dropStep(at, held, put))]
  })
  return mirrorPlan(project, seen, decided, { verb: 'push', title: 'Bring the mirrors up to date', steps })
}

/** Reads every copy of every mirror back, byte for byte. */
export function planMirrorCheck(project: Project, seen: readonly SeenMirror[], decided: Decided): Plan {
  const steps = project.mirrors.flatMap((entry, index) => {
    const mirror = mirrorOf(entry.use)
    const found = seen.find(({ to }) => to === entry.to)?.seen
    if (mirror === undefined || found?.ok !== true) return []
    return found.value.holds.map((held) => checkStep({ project, entry, mirror, index }, held))
  })
  return mirrorPlan(project, seen, decided, { verb: 'check', title: 'Read every copy on the mirrors back', steps })
}

type At = { project: Project; entry: MirrorOptions; mirror: Mirror; index: number }

const putId = (index: number, id: string) => `mirror-${index + 1}.put.${id}`

function putSteps({ project, entry, mirror, index }: At, backup: ListedBackup): Step[] {
  const { id, kind, at, digest, path, parts, bytes, origin } = backup
  const folder = `${belowOf(project)}/${kind}/${id}`
  const list = `mirror-${index + 1}.list.${id}`
  const input = { backup: { id, kind, at, digest, path, parts, origin }, folder } as unknown as JsonRecord
  const put = mirror.put(mirror.options.parse(entry.options), {
    id: putId(index, id),
    copy: { $: `${list}.copy` },
    about: { id, folder, bytes },
  })
  return [
    step(list, `Look at ${id}`, [call('mirror.files', input, `hash every file of ${id}`, [['sha256sum', path]])], {
      gives: ['copy'],
      stop: 'anytime',
      onFail: 'owe',
    }),
    { ...put, actions: [...put.actions, note(entry, { id, digest }, 'put')] },
  ]
}

/** `put`: what is brought there first. What could not be keeps the older copies there, too. */
function dropStep({ entry, mirror, index }: At, held: MirrorHeld, put: readonly ListedBackup[]): Step {
  const dropped = mirror.drop(mirror.options.parse(entry.options), { id: `mirror-${index + 1}.drop.${held.id}`, held })
  const newer = put.filter(({ kind }) => kind === held.kind).map(({ id }) => ({ $: `${putId(index, id)}.bytes` }))
  const first = newer.length === 0 ? [] : [call('mirror.brought', { newer }, 'only once the newer copies are there')]
  return { ...dropped, actions: [...first, ...dropped.actions, note(entry, held, 'dropped')] }
}

function checkStep({ entry, mirror, index }: At, held: MirrorHeld): Step {
  const checked = mirror.check(mirror.options.parse(entry.options), {
    id: `mirror-${index + 1}.check.${held.id}`,
    held,
  })
  return { ...checked, actions: [...checked.actions, note(entry, held, 'checked')] }
}

function note({ to }: MirrorOptions, { id, digest }: { id: string; digest: string }, what: string) {
  return call('mirror.note', { mirror: to, id, digest, what }, 'note it in backups/mirrors.jsonl')
}

/** After a deploy or a backup: everything the mirrors lack by then, owed when it fails. */
export function mirrorSteps(project: Project): Step[] {
  return project.mirrors.map(({ use, to, options, kinds, latest }, index) => {
    const input = { use, to, options, kinds, latest, below: belowOf(project), backups: project.backups }
    const says = `copy to ${to} what it lacks of the newest ${latest} of ${kinds.join(', ')}`
    return step(`mirror-${index + 1}`, 'Mirror', [call('mirror.push', input, says)], {
      detail: to,
      effect: 'outward',
      gives: ['copied', 'removed'],
      probe: call('again.probe', {}, 'it may be done again'),
      stop: 'anytime',
      onFail: 'owe',
    })
  })
}

type Made = { verb: string; title: string; steps: Step[] }

function mirrorPlan(
  project: Project,
  seen: readonly SeenMirror[],
  decided: Decided,
  { verb, title, steps }: Made,
): Plan {
  const away = seen.flatMap(({ to, seen: look }) => (look.ok ? [] : [`${to} does not answer: ${look.because}`]))
  const none = project.mirrors.length === 0
  const holds = none
    ? [{ id: 'no-mirror', why: 'no mirror is configured', fix: 'name one under mirrors in knowngood.yaml' }]
    : away.length === project.mirrors.length
      ? [{ id: 'mirrors-away', why: away.join('; '), fix: 'knowngood doctor' }]
      : []
  // Nobody waits for a copy that fails, and none may fail unseen: cron reads the exit code.
  const owing = steps.map((one): Step => ({ ...one, oweExit: EXIT.putBack }))
  return planned(decided, {
    op: 'mirror',
    title,
    request: { verb },
    holds,
    warnings: away,
    audit: { required: false, event: `mirror.${verb}`, subject: project.mirrors.map(({ to }) => to).join(', ') },
    locks: true,
    steps: owing,
  })
}
