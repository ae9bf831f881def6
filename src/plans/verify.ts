import { join } from 'node:path'
import type { ListedBackup } from '../core/backup.ts'
import type { Facts } from '../core/facts.ts'
import { valueOr } from '../core/known.ts'
import { KINDS } from '../core/kinds.ts'
import { statePaths } from '../core/paths.ts'
import type { Hold, Plan, Step } from '../core/plan.ts'
import type { RestoreTo } from '../core/plug-in.ts'
import type { Project } from '../core/project.ts'
import { call, step } from '../core/step.ts'
import { clean } from '../core/text.ts'
import { commitSteps, testSteps, unpackSteps, wholeOf } from './archive-steps.ts'
import type { Decided } from './decided.ts'
import { fitting } from './fitting.ts'
import type { Fit } from './fitting.ts'
import { remoteOf } from './parts.ts'
import { hashStep, holdStep, noteStep, proving, readableSteps, releaseStep, summed } from './proof-steps.ts'
import type { Suffix } from './proof-steps.ts'
import { unlocked } from './unlock-steps.ts'
import { planned } from './planned.ts'

/** `files`: where an archive's bytes are opened from instead, by the path of its part. */
export type VerifyRequest = {
  ids: string[] | 'all'
  rung: 'hashed' | 'readable' | 'restored'
  files?: Readonly<Record<string, string>>
}

/** Climbs the ladder with backups: reads every byte, opens every part, puts it into a scratch place and counts. Changes nothing but their proofs. */
export function planVerify(project: Project, facts: Facts, request: VerifyRequest, decided: Decided): Plan {
  const { ids, rung, files = {} } = request
  const listed = valueOr(facts.backups, [])
  const wanted = ids === 'all' ? listed : ids.flatMap((id) => listed.find((one) => one.id === id) ?? [])
  const holds = holdsOf(facts, request, wanted)
  const [only] = wanted
  const what = wanted.length === 1 && only !== undefined ? only.id : `${wanted.length} backups`
  const looks = wanted.map((backup, index) =>
    lookOf(project, facts, backup, { rung, files }, decided, wanted.length === 1 ? '' : `.${index + 1}`),
  )
  return planned(decided, {
    op: 'verify',
    title: `Verify ${what}, ${rung}`,
    request: { ids, rung },
    names: { id: only?.id ?? '' },
    holds,
    warnings: looks.flatMap((look) => look.warnings),
    audit: { required: false, event: 'verify', subject: what, detail: { rung } },
    locks: false,
    steps: holds.length > 0 ? [] : [...looks.flatMap((look) => look.steps), verdictStep(looks)],
    always: holds.length > 0 ? [] : [...looks.flatMap((look) => look.always), tidyStep(project, decided)],
  })
}

type Look = { backup: ListedBackup; steps: Step[]; always: Step[]; warnings: string[] }

function holdsOf(facts: Facts, { ids }: VerifyRequest, wanted: readonly ListedBackup[]): Hold[] {
  const fix = 'see what there is: knowngood backups'
  if (!facts.backups.ok)
    return [
      { id: 'backups', why: `the backups could not be read: ${clean(facts.backups.because)}`, fix: facts.backups.fix },
    ]
  if (ids === 'all') return wanted.length === 0 ? [{ id: 'none', why: 'there are no backups', fix }] : []
  return ids
    .filter((id) => !wanted.some((one) => one.id === id))
    .map((id) => ({ id: 'unknown', why: `there is no backup ${clean(id)}`, fix }))
}

/** One backup's way up. A rung that fails ends its climb, not that of the others. */
function lookOf(
  project: Project,
  facts: Facts,
  backup: ListedBackup,
  { rung, files }: Required<Omit<VerifyRequest, 'ids'>>,
  decided: Decided,
  suffix: Suffix,
): Look {
  const more = { hard: false, suffix }
  const steps = [holdStep(backup, suffix), hashStep(backup, { remote: remoteOf(facts), hard: false, suffix })]
  const always = [releaseStep(backup, suffix)]
  const warnings: string[] = []
  if (rung === 'hashed') return { backup, steps, always, warnings }
  const scratch = scratchOf(project, decided, suffix)
  const { fits, strays } = fitting(project, backup)
  const whole = wholeOf(project, backup, new Set(fits.flatMap((fit) => fit.parts.map(({ part }) => part.path))))
  const opened = new Set(whole?.parts.map(({ part }) => part.path))
  for (const stray of strays)
    if (!opened.has(stray.part.path)) warnings.push(`${backup.id}: ${stray.part.path} is not opened: ${stray.why}.`)
  for (const sealed of fits) {
    const { fit, before, after } = unlocked(project, summed(sealed, backup, suffix), decided.run, suffix)
    const read = readableSteps(backup, fit, decided.run, more)
    const scratched = rung === 'restored' ? scratchSteps(backup, fit, read, scratch, decided, suffix) : []
    steps.push(...before, ...read, ...scratched)
    // Once more at every end: a run that was left half way must leave no scratch database.
    const dropped = scratched.filter(({ id }) => id.startsWith('drop.'))
    always.push(
      ...dropped.map((drop) => ({ ...drop, id: `${drop.id}.again`, stop: 'never' as const, onFail: 'owe' as const })),
    )
    always.push(...after)
  }
  if (whole !== null) {
    const parts = whole.parts.map(({ part, file }) => ({ part, file: files[part.path] ?? file }))
    const { fit, before, after } = unlocked(project, { ...whole, parts }, decided.run, suffix)
    steps.push(...before, ...testSteps(fit, more))
    if (rung === 'restored') steps.push(...unpackSteps(fit, scratch, more))
    always.push(...after)
  }
  if (KINDS[backup.kind].shape === 'pointer') {
    steps.push(...commitSteps(backup, rung === 'restored' ? scratch : null, more))
    always.push(
      ...(rung === 'restored' && backup.commit !== null ? [dropCheckout(join(scratch, 'checkout'), suffix)] : []),
    )
  }
  return { backup, steps, always, warnings }
}

/** A real restore into a scratch place, counted, and dropped again. */
function scratchSteps(
  backup: ListedBackup,
  fit: Fit,
  read: readonly Step[],
  dir: string,
  decided: Decided,
  suffix: Suffix,
): Step[] {
  const after = read.at(-1)?.id ?? `hash${suffix}`
  const parts = fit.parts.map(({ part }) => part)
  const about = { backup, rung: 'restored' as const, parts, after, hard: false, suffix }
  const ids = {
    beside: `beside.${fit.name}${suffix}`,
    swap: `swap.${fit.name}${suffix}`,
    drop: `drop.${fit.name}${suffix}`,
  }
  // A database server is its own scratch place: the restored one stands there under a name of this run's.
  const to: RestoreTo = fit.use === 'postgres' ? { live: true, scratch: true } : { live: false, dir, urlFrom: null }
  const context = { ids, name: fit.name, parts: fit.parts, to, run: decided.run, at: decided.now }
  const made = fit.source.restore(fit.options, context)
  // What a restore never puts back has nothing higher to reach: opening it was all.
  if (made === null) return [noteStep(`restored.${fit.name}${suffix}`, `${fit.name}: as high as it goes`, about)]
  return [proving(made.beside, about), made.drop]
}

/** Where a run puts what is there only to be counted; below its own folder, so on the repository's volume. */
export function scratchOf(project: Project, decided: Decided, suffix: Suffix = ''): string {
  return join(statePaths(project.root).run(decided.run), 'scratch', suffix.slice(1))
}

function verdictStep(looks: readonly Look[]): Step {
  const backups = looks.map(({ backup, steps }) => ({
    backup: backup.id,
    steps: steps
      .filter((one) => one.gives.includes('ok'))
      .map(({ id }) => ({ ok: { $: `${id}.ok` }, because: { $: `${id}.because` } })),
  }))
  return step('verdict', 'Say what holds', [call('verify.verdict', { backups }, 'say what holds and what does not')], {
    gives: ['verified'],
  })
}

function dropCheckout(path: string, suffix: Suffix): Step {
  return step(
    `checkout${suffix}`,
    'Remove the checkout',
    [call('worktree.remove', { path }, `remove ${path}`, [['git', 'worktree', 'remove', '--force', path]])],
    { effect: 'local', probe: call('again.probe', {}, 'it may be removed again'), stop: 'never', onFail: 'owe' },
  )
}

function tidyStep(project: Project, decided: Decided): Step {
  const to = scratchOf(project, decided)
  return step('tidy', 'Clean up', [call('archive.remove', { to }, `remove ${to}`, [['rm', '-rf', to]])], {
    effect: 'local',
    probe: call('again.probe', {}, 'it may be removed again'),
    stop: 'never',
    onFail: 'owe',
  })
}
