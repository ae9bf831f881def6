import type { ListedBackup, Part, Proof } from '../core/backup.ts'
import type { JsonRecord } from '../core/json.ts'
import type { Action, Arg, Call, Ref, Step } from '../core/plan.ts'
import { KINDS } from '../core/kinds.ts'
import { shellWord } from '../core/shell.ts'
import { call, step } from '../core/step.ts'
import type { Fit } from './fitting.ts'

/** Behind a step's id where several backups are looked at in one run; empty for one alone. */
export type Suffix = string

/** Marks the backup as in use until `releaseStep`. */
export function holdStep(backup: Pick<ListedBackup, 'id'>, suffix: Suffix = ''): Step {
  const input = { backup: backup.id }
  return step(`hold${suffix}`, 'Hold on to it', [call('verify.hold', input, `keep ${backup.id} from being pruned`)], {
    detail: backup.id,
    effect: 'local',
    probe: call('again.probe', {}, 'it may be done again'),
    undo: [call('verify.release', input, `let ${backup.id} go`)],
    stop: 'anytime',
  })
}

/** Ends what `holdStep` began, at every end: the backup may be pruned again. */
export function releaseStep(backup: Pick<ListedBackup, 'id'>, suffix: Suffix = ''): Step {
  return step(
    `release${suffix}`,
    'Let it go',
    [call('verify.release', { backup: backup.id }, `let ${backup.id} be pruned again`)],
    {
      effect: 'local',
      probe: call('again.probe', {}, 'it may be done again'),
      stop: 'never',
      onFail: 'owe',
    },
  )
}

/** Every byte again. `hard`: the run stops where something does not hold; else the verdict says so at the end. */
export function hashStep(
  backup: ListedBackup,
  { remote, hard, suffix = '' }: { remote: string | null; hard: boolean; suffix?: Suffix },
): Step {
  const { id, kind, path, parts, digest, commit, origin, bytes } = backup
  const input = { backup: { id, kind, path, parts, digest, commit, origin, bytes }, remote, hard }
  const files = parts.length === 0 ? [path] : parts.map((part) => part.path)
  const sums = ['sha256sum', ...files.slice(0, 20)]
  // The parts of a folder are named from inside of it.
  const inside = origin === 'knowngood' ? 'sha256sum --quiet -c CHECKSUM.sha256' : sums.map(shellWord).join(' ')
  const folder = KINDS[kind].shape === 'folder' && parts.length > 0
  const byHand: Arg[][] = [folder ? ['sh', '-c', `cd ${shellWord(path)} && ${inside}`] : sums]
  if (commit !== null && parts.length === 0) byHand.push(['git', 'rev-list', '--objects', '--no-walk', commit])
  return step(
    `hash${suffix}`,
    'Read every byte again',
    [call('verify.hash', input, `hash ${id} and compare it with its record`, byHand)],
    {
      detail: id,
      gives: [
        'ok',
        'because',
        'digest',
        'bytes',
        ...parts.flatMap(({ sha256 }, at) => (sha256 === '' ? [`sum-${at}`] : [])),
      ],
      stop: 'anytime',
      expect: { bytes },
    },
  )
}

/**
 * The parts a source is handed: one whose record has no hash goes by the one that was just read. A reference until the run,
 * and a text from then on.
 */
export function summed<T extends Pick<Fit, 'parts'>>(fit: T, backup: ListedBackup, suffix: Suffix = ''): T {
  const parts = fit.parts.map((stored) => {
    const at = backup.parts.findIndex(({ path }) => path === stored.part.path)
    if (stored.part.sha256 !== '' || at === -1) return stored
    const sha256 = { $: `hash${suffix}.sum-${at}` } as unknown as string
    return { ...stored, part: { ...stored.part, sha256 } }
  })
  return { ...fit, parts }
}

type About = {
  backup: ListedBackup
  rung: Proof['rung']
  parts: readonly Pick<Part, 'path'>[]
  /** Steps whose `ok` decides whether this is tried at all. */
  after: string
  hard: boolean
  suffix?: Suffix
}

/** What a step of a source does, with a proof of how it went. */
export function proving(inner: Step, about: About): Step {
  const last = inner.actions.length - 1
  const { probe } = inner
  return {
    ...inner,
    actions: inner.actions.map((action, index) => (index === last ? tried(action, about) : action)),
    gives: [...new Set([...inner.gives, 'ok', 'because'])],
    // The verdict wants to know how it went: what stands there without having been told of is made again.
    ...(probe === undefined || about.hard ? {} : { probe: seenCall(inner.id, probe) }),
  }
}

function seenCall(id: string, probe: Call): Call {
  const { name, input } = probe
  const inner = { do: 'call', name, input, says: '', byHand: [] }
  return call('verify.seen', { probe: inner, ok: { $: `${id}.ok` } }, probe.says, probe.byHand)
}

/** Proves without opening: for what was opened before, and is never put back. */
export function noteStep(id: string, title: string, about: About): Step {
  const says = `note that ${about.parts.map((part) => part.path).join(', ')} is ${about.rung}`
  return step(id, title, [call('verify.try', inputOf(null, about), says)], {
    gives: ['ok', 'because'],
    stop: 'anytime',
  })
}

function tried(action: Action, about: About): Action {
  if (action.do !== 'call') return action
  return call('verify.try', inputOf(action, about), action.says, action.byHand)
}

function inputOf(action: Call | null, { backup, rung, parts, after, hard, suffix = '' }: About): JsonRecord {
  const digest: string | Ref = backup.digest === '' ? { $: `hash${suffix}.digest` } : backup.digest
  const named = parts.length === 0 ? ['*'] : parts.map((part) => part.path)
  const inner = action === null ? null : { do: 'call', name: action.name, input: action.input, says: '', byHand: [] }
  return {
    of: { backup: backup.id, digest, parts: named, rung },
    action: inner,
    ok: { $: `${after}.ok` },
    hard,
  }
}

/** The steps that open each part of a fit with its own engine. */
export function readableSteps(
  backup: ListedBackup,
  fit: Fit,
  run: string,
  more: { hard: boolean; suffix?: Suffix },
): Step[] {
  const { suffix = '' } = more
  return fit.parts.map(({ part, file }, index) => {
    const id = `readable.${fit.name}${index === 0 ? '' : `-${index + 1}`}${suffix}`
    const inner = fit.source.readable(fit.options, { part, file, id, name: fit.name, run })
    return proving(inner, { backup, rung: 'readable', parts: [part], after: `hash${suffix}`, ...more })
  })
}
