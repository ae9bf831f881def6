import type { Facts } from '../core/facts.ts'
import type { Operation } from '../core/plan.ts'
import type { Place } from './nav.ts'

/** What decides whether a key is off, wherever the operator stands. */
export type Situation = { facts: Facts; running: { id: string; op: Operation } | null }

export type Binding = {
  id: ActionId
  /** Names as `keyNames` gives them. */
  keys: readonly string[]
  /** How the keys are written in the footer, the help and the documentation. */
  shown: string
  /** One word for the footer; empty shows the key alone. */
  label: string
  does: string
  where: readonly Place[] | 'everywhere'
  /** Lower ones leave a narrow footer first; absent ones are never in it. */
  weight?: number
  /** Why it cannot be used now, as the end of a sentence; null when it can. */
  off?: (situation: Situation) => string | null
}

const lists = [
  'dashboard',
  'backup',
  'gate',
  'review',
  'running',
  'failed',
  'rollback',
  'logs',
  'activity',
  'interrupted',
  'reader',
  'help',
  'palette',
  'verify',
] as const
const readable = ['dashboard', 'logs', 'activity', 'rollback', 'reader', 'help', 'palette'] as const

const busy = ({ running }: Situation): string | null =>
  running === null ? null : `a ${running.op} is running; one operation at a time`

const noCommit = ({ facts }: Situation): string | null => {
  if (!facts.git.ok) return facts.git.because === '' ? null : facts.git.because
  return facts.git.value.next === null ? `${facts.git.value.branch} has no commits yet` : null
}

const noRelease = ({ facts }: Situation): string | null =>
  facts.git.ok && facts.git.value.current === null
    ? 'nothing was released yet, so there is nothing to go back to'
    : null

export type ActionId =
  | 'backup'
  | 'gate'
  | 'deploy'
  | 'verify'
  | 'rollback'
  | 'logs'
  | 'activity'
  | 'startBackup'
  | 'startReads'
  | 'confirmItem'
  | 'failItem'
  | 'evidence'
  | 'waive'
  | 'recheck'
  | 'yes'
  | 'commands'
  | 'acceptSchema'
  | 'stop'
  | 'follow'
  | 'fullLog'
  | 'compare'
  | 'filter'
  | 'next'
  | 'previous'
  | 'open'
  | 'up'
  | 'down'
  | 'pageUp'
  | 'pageDown'
  | 'home'
  | 'end'
  | 'tab'
  | 'copy'
  | 'refresh'
  | 'palette'
  | 'help'
  | 'glass'
  | 'suspend'
  | 'back'
  | 'leave'

/** Every key there is. The footer, `?`, the palette, the documentation and the tests are made from this. */
export const bindings: readonly Binding[] = [
  {
    id: 'backup',
    keys: ['b'],
    shown: 'b',
    label: 'backup',
    does: 'make a backup',
    where: ['dashboard', 'review'],
    weight: 9,
    off: busy,
  },
  {
    id: 'gate',
    keys: ['g'],
    shown: 'g',
    label: 'gate',
    does: 'walk the gate of the next commit',
    where: ['dashboard', 'review', 'verify'],
    weight: 9,
    off: noCommit,
  },
  {
    id: 'deploy',
    keys: ['d'],
    shown: 'd',
    label: 'deploy',
    does: 'review a deploy of the next commit',
    where: ['dashboard'],
    weight: 9,
    off: (s) => busy(s) ?? noCommit(s),
  },
  {
    id: 'rollback',
    keys: ['r'],
    shown: 'r',
    label: 'rollback',
    does: 'choose what to go back to',
    where: ['dashboard', 'failed'],
    weight: 9,
    off: (s) => busy(s) ?? noRelease(s),
  },
  {
    id: 'verify',
    keys: ['v'],
    shown: 'v',
    label: 'verify',
    does: 'prove what production serves',
    where: ['dashboard', 'failed'],
    weight: 3,
  },
  { id: 'logs', keys: ['l'], shown: 'l', label: 'logs', does: 'read the deploy logs', where: ['dashboard'], weight: 6 },
  {
    id: 'activity',
    keys: ['a'],
    shown: 'a',
    label: 'activity',
    does: 'read the audit log',
    where: ['dashboard'],
    weight: 1,
  },

  {
    id: 'startBackup',
    keys: ['b'],
    shown: 'b',
    label: 'back up now',
    does: 'start the selected kind',
    where: ['backup'],
    weight: 9,
    off: busy,
  },
  {
    id: 'startReads',
    keys: ['v'],
    shown: 'v',
    label: 'read production now',
    does: 'read production and compare',
    where: ['verify'],
    weight: 9,
    off: busy,
  },
  {
    id: 'confirmItem',
    keys: ['space'],
    shown: 'space',
    label: 'confirm',
    does: 'confirm the selected item',
    where: ['gate'],
    weight: 9,
  },
  {
    id: 'failItem',
    keys: ['f'],
    shown: 'f',
    label: 'fail',
    does: 'say that it does not hold, and why',
    where: ['gate'],
    weight: 8,
  },
  {
    id: 'evidence',
    keys: ['e'],
    shown: 'e',
    label: 'evidence',
    does: 'confirm with a file or a URL',
    where: ['gate'],
    weight: 8,
  },
  {
    id: 'waive',
    keys: ['w'],
    shown: 'w',
    label: 'waive',
    does: 'go on without it: reason, approver, typed name',
    where: ['gate'],
    weight: 7,
  },
  {
    id: 'recheck',
    keys: ['R'],
    shown: 'R',
    label: 'recheck',
    does: 'run every check again',
    where: ['gate'],
    weight: 7,
    off: noCommit,
  },
  {
    id: 'yes',
    keys: ['Y'],
    shown: 'Y',
    label: 'go',
    does: 'start what was reviewed',
    where: ['review', 'sure'],
    weight: 9,
  },
  {
    id: 'commands',
    keys: ['p'],
    shown: 'p',
    label: 'commands',
    does: 'show the exact commands',
    where: ['review'],
    weight: 6,
  },
  {
    id: 'acceptSchema',
    keys: ['S'],
    shown: 'S',
    label: 'accept schema',
    does: 'plan it across schema revisions',
    where: ['review'],
    weight: 5,
  },
  {
    id: 'stop',
    keys: ['s'],
    shown: 's',
    label: 'stop',
    does: 'stop at the next safe point',
    where: ['running'],
    weight: 9,
  },
  {
    id: 'compare',
    keys: ['c'],
    shown: 'c',
    label: 'compare',
    does: 'list the commits between there and what is live',
    where: ['rollback'],
    weight: 7,
  },
  {
    id: 'open',
    keys: ['enter'],
    shown: 'enter',
    label: 'open',
    does: 'open or review; never executes',
    where: [
      'dashboard',
      'gate',
      'rollback',
      'logs',
      'activity',
      'interrupted',
      'failed',
      'help',
      'palette',
      'leave',
      'form',
      'backup',
      'review',
      'reader',
    ],
    weight: 4,
  },

  { id: 'up', keys: ['up', 'k'], shown: '↑ k', label: '', does: 'move up', where: lists },
  { id: 'down', keys: ['down', 'j'], shown: '↓ j', label: '', does: 'move down', where: lists },
  { id: 'pageUp', keys: ['pageup'], shown: 'PgUp', label: '', does: 'move up a page', where: lists },
  { id: 'pageDown', keys: ['pagedown'], shown: 'PgDn', label: '', does: 'move down a page', where: lists },
  { id: 'home', keys: ['home'], shown: 'Home', label: '', does: 'go to the first', where: lists },
  { id: 'end', keys: ['end'], shown: 'End', label: '', does: 'go to the last', where: lists },
  {
    id: 'follow',
    keys: ['F'],
    shown: 'F',
    label: 'follow',
    does: 'follow the step that is running',
    where: ['running'],
    weight: 7,
  },
  {
    id: 'fullLog',
    keys: ['L'],
    shown: 'L',
    label: 'full log',
    does: 'read everything the run said',
    where: ['running', 'failed', 'interrupted', 'gate'],
    weight: 5,
  },
  {
    id: 'filter',
    keys: ['/'],
    shown: '/',
    label: 'filter',
    does: 'filter a list, search a log',
    where: readable,
    weight: 5,
  },
  { id: 'next', keys: ['n'], shown: 'n', label: 'next', does: 'next match', where: ['reader'], weight: 4 },
  { id: 'previous', keys: ['N'], shown: 'N', label: 'previous', does: 'previous match', where: ['reader'], weight: 4 },
  {
    id: 'tab',
    keys: ['tab'],
    shown: 'tab',
    label: 'pane',
    does: 'next pane; next field of a form',
    where: 'everywhere',
  },
  { id: 'copy', keys: ['y'], shown: 'y', label: 'copy', does: 'copy what is selected', where: 'everywhere', weight: 2 },
  {
    id: 'refresh',
    keys: ['R'],
    shown: 'R',
    label: 'refresh',
    does: 'look at everything again',
    where: ['dashboard', 'backup', 'verify', 'rollback', 'logs', 'activity', 'interrupted', 'failed'],
    weight: 1,
  },
  {
    id: 'palette',
    keys: [':', 'ctrl-p'],
    shown: ':',
    label: 'command',
    does: 'every command, with the reason why one is off',
    where: 'everywhere',
    weight: 4.5,
  },
  {
    id: 'back',
    keys: ['esc'],
    shown: 'esc',
    label: 'back',
    does: 'back; always harmless',
    where: 'everywhere',
    weight: 10,
  },
  {
    id: 'help',
    keys: ['?'],
    shown: '?',
    label: 'keys',
    does: 'the keys of this place',
    where: 'everywhere',
    weight: 10,
  },
  {
    id: 'glass',
    keys: ['ctrl-g'],
    shown: 'ctrl-g',
    label: 'break glass',
    does: 'break glass: restore from a frozen baseline',
    where: 'everywhere',
  },
  {
    id: 'suspend',
    keys: ['ctrl-z'],
    shown: 'ctrl-z',
    label: 'suspend',
    does: 'suspend; fg comes back to this screen',
    where: 'everywhere',
  },
  {
    id: 'leave',
    keys: ['q', 'ctrl-c'],
    shown: 'q',
    label: '',
    does: 'leave; a run goes on by itself',
    where: 'everywhere',
    weight: 4.6,
  },
]

/** The bindings that hold in a place, the place's own before the ones that hold everywhere. */
export function bindingsAt(place: Place): readonly Binding[] {
  const own = bindings.filter((binding) => binding.where !== 'everywhere' && binding.where.includes(place))
  const taken = new Set(own.flatMap((binding) => binding.keys))
  const shared = bindings.filter(
    (binding) => binding.where === 'everywhere' && !binding.keys.some((key) => taken.has(key)),
  )
  return [...own, ...shared]
}

/** What a key does in a place. */
export function bindingFor(place: Place, key: string): Binding | undefined {
  return bindingsAt(place).find((binding) => binding.keys.includes(key))
}
