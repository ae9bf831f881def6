import { backupKeys, kept, type Row } from './keys-backups.ts'
import { glassKeys } from './keys-glass.ts'
import { busy, noCommit, noDeploy, noRollback, type Situation } from './keys-off.ts'
import type { Place } from './nav.ts'

export type Binding = {
  id: ActionId
  /** Names as `presses` gives them. */
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

const rows = [
  'dashboard',
  'broken',
  'gate',
  'running',
  'rollback',
  'backup',
  'backups',
  'show',
  'restore',
  'prune',
  'glass',
  'logs',
  'activity',
  'reader',
  'review',
  'interrupted',
  'leave',
  'help',
  'palette',
] as const
const opens = [...rows.filter((place) => place !== 'running'), 'failed', 'form'] satisfies Place[]
const logged = ['running', 'failed', 'interrupted', 'gate'] as const
const found = ['dashboard', 'backups', 'logs', 'activity', 'rollback', 'reader'] as const
const fresh = [
  'dashboard',
  'broken',
  'backup',
  ...kept,
  'restore',
  'prune',
  'verify',
  'rollback',
  'logs',
  'activity',
  'interrupted',
  'failed',
] as const

/** Every key there is. The footer, `?`, the palette, the documentation and the tests are made from this. */
const table = {
  backup: {
    keys: ['b'],
    label: 'backup',
    does: 'make a backup',
    where: ['dashboard', 'backups', 'review'],
    weight: 9,
    off: busy,
  },
  gate: {
    keys: ['g'],
    label: 'gate',
    does: 'walk the gate of the next commit',
    where: ['dashboard', 'review'],
    weight: 9,
    off: noCommit,
  },
  deploy: {
    keys: ['d'],
    label: 'deploy',
    does: 'review a deploy of the next commit',
    where: ['dashboard', 'gate'],
    weight: 9,
    off: noDeploy,
  },
  rollback: {
    keys: ['r'],
    label: 'rollback',
    does: 'choose what to go back to',
    where: ['dashboard', 'failed'],
    weight: 9,
    off: noRollback,
  },
  verify: {
    keys: ['v'],
    label: 'verify',
    does: 'prove what production serves',
    where: ['dashboard', 'failed'],
    weight: 3,
  },
  logs: { keys: ['l'], label: 'logs', does: 'read the deploy logs', where: ['dashboard'], weight: 6 },
  ...backupKeys,
  ...glassKeys,
  activity: { keys: ['a'], label: 'activity', does: 'read the audit log', where: ['dashboard'], weight: 1 },

  startReads: {
    keys: ['v'],
    label: 'read production now',
    does: 'read production and compare',
    where: ['verify'],
    weight: 9,
    off: busy,
  },
  confirmItem: { keys: ['space'], label: 'confirm', does: 'confirm the selected item', where: ['gate'], weight: 9 },
  failItem: { keys: ['f'], label: 'fail', does: 'say that it does not hold, and why', where: ['gate'], weight: 8 },
  evidence: { keys: ['e'], label: 'evidence', does: 'confirm with a file or a URL', where: ['gate'], weight: 8 },
  waive: {
    keys: ['w'],
    label: 'waive',
    does: 'go on without it: reason, approver, typed name',
    where: ['gate'],
    weight: 7,
  },
  recheck: { keys: ['R'], label: 'recheck', does: 'run every check again', where: ['gate'], weight: 7, off: noCommit },
  yes: { keys: ['Y'], label: 'go', does: 'start what was reviewed', where: ['review', 'sure'], weight: 9 },
  commands: { keys: ['p'], label: 'commands', does: 'show the exact commands', where: ['review'], weight: 6 },
  acceptSchema: {
    keys: ['S'],
    label: 'accept schema',
    does: 'plan it across schema revisions',
    where: ['review'],
    weight: 5,
  },
  stop: { keys: ['s'], label: 'stop', does: 'stop at the next safe point', where: ['running'], weight: 9 },
  compare: {
    keys: ['c'],
    label: 'compare',
    does: 'list the commits that going back undoes',
    where: ['rollback'],
    weight: 7,
  },
  withData: {
    keys: ['t'],
    label: 'data too',
    does: 'put the data of the backup back as well, or keep what is there',
    where: ['rollback'],
    weight: 6,
  },
  seeLines: {
    keys: ['e'],
    label: 'see the lines',
    does: 'show the lines that are wrong',
    where: ['broken'],
    weight: 9,
  },
  open: { keys: ['enter'], label: 'open', does: 'open or review; never executes', where: opens, weight: 4 },

  up: { keys: ['up', 'k'], shown: '↑ k', does: 'move up', where: rows },
  down: { keys: ['down', 'j'], shown: '↓ j', does: 'move down', where: rows },
  pageUp: { keys: ['pageup'], shown: 'PgUp', does: 'move up a page', where: rows },
  pageDown: { keys: ['pagedown'], shown: 'PgDn', does: 'move down a page', where: rows },
  home: { keys: ['home'], shown: 'Home', does: 'go to the first', where: rows },
  end: { keys: ['end'], shown: 'End', does: 'go to the last', where: rows },
  follow: { keys: ['F'], label: 'follow', does: 'follow the step that is running', where: ['running'], weight: 7 },
  fullLog: { keys: ['L'], label: 'full log', does: 'read everything that was said', where: logged, weight: 5 },
  filter: { keys: ['/'], label: 'filter', does: 'filter a list, search a log', where: found, weight: 5 },
  next: { keys: ['n'], label: 'next', does: 'next match', where: ['reader'], weight: 4 },
  previous: { keys: ['N'], label: 'previous', does: 'previous match', where: ['reader'], weight: 4 },
  refresh: { keys: ['R'], label: 'refresh', does: 'look at everything again', where: fresh, weight: 1 },

  tab: { keys: ['tab'], does: 'next pane; next field of a form', where: 'everywhere' },
  copy: { keys: ['y'], label: 'copy', does: 'copy what is selected', where: 'everywhere', weight: 2 },
  palette: {
    keys: [':', 'ctrl-p'],
    label: 'command',
    does: 'every command, with the reason why one is off',
    where: 'everywhere',
    weight: 4.5,
  },
  back: { keys: ['esc'], label: 'back', does: 'back; always harmless', where: 'everywhere', weight: 10 },
  help: { keys: ['?'], label: 'keys', does: 'the keys of this place', where: 'everywhere', weight: 10 },
  glass: {
    keys: ['ctrl-g'],
    label: 'break glass',
    does: 'break glass: restore production from a frozen baseline',
    where: 'everywhere',
  },
  suspend: { keys: ['ctrl-z'], does: 'suspend; fg comes back to this screen', where: 'everywhere' },
  leave: { keys: ['q', 'ctrl-c'], does: 'leave; a run goes on by itself', where: 'everywhere', weight: 4.6 },
} satisfies Readonly<Record<string, Row>>

export type ActionId = keyof typeof table

export const bindings: readonly Binding[] = Object.entries<Row>(table).map(([id, row]) => ({
  shown: row.keys[0] ?? '',
  label: '',
  ...row,
  id: id as ActionId,
}))

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
