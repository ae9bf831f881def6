import type { Operation, Plan } from '../core/plan.ts'
import type { DeckRequest } from '../core/deck.ts'

/** Where the operator stands. Each is a file in `screens/`. */
export type Screen =
  | { place: 'dashboard' }
  | { place: 'broken' }
  | { place: 'backup' }
  | { place: 'backups' }
  | { place: 'show'; id: string }
  | { place: 'restore'; id: string }
  | { place: 'prune' }
  | { place: 'gate' }
  | { place: 'review'; plan: Plan; request: DeckRequest }
  | { place: 'running'; run: string }
  | { place: 'failed'; run: string }
  | { place: 'verify' }
  | { place: 'rollback' }
  | { place: 'logs' }
  | { place: 'activity' }
  | { place: 'interrupted'; run: string }
  | { place: 'glass' }
  | { place: 'reader'; title: string; load: () => Promise<readonly string[]>; atEnd: boolean }

/** `initial` is what stands in it at first; `expects` what must be typed exactly. */
export type FormField = { id: string; label: string; expects?: string; required: boolean; initial?: string }

/**
 * `submit` does what was asked for. The form stays until it has, and while it throws: what was typed is not lost.
 */
export type Form = {
  place: 'form'
  title: string
  says: readonly string[]
  fields: readonly FormField[]
  submit: (values: Record<string, string>) => Promise<void>
}

/** What went wrong: what, why, and what to do next. */
export type Problem = { place: 'problem'; what: string; why: string; next: readonly string[] }

/** What lies over a screen. Each is a file in `overlays/`. */
export type Overlay =
  | { place: 'help' }
  | { place: 'palette' }
  | { place: 'leave'; run: string | null }
  | Form
  | { place: 'sure'; title: string; says: readonly string[]; act: () => void }
  | Problem

export type Place = Screen['place'] | Overlay['place']

export type Nav = {
  stack: readonly Screen[]
  overlay: Overlay | null
  toast: string | null
  /** First line of the detail pane while it has the keys; null while the list has them. */
  pane: number | null
  /** The run that was seen going, until its end is seen. */
  live: { id: string; op: Operation } | null
}

export type NavChange =
  | { do: 'open' | 'replace' | 'home'; screen?: Screen }
  | { do: 'back' }
  | { do: 'over'; overlay: Overlay | null }
  | { do: 'toast'; text: string | null }
  | { do: 'pane'; by: number | null }
  | { do: 'live'; run: Nav['live'] }

/** Pure navigation: what was first (the dashboard) is always at the bottom, one overlay at most lies on top. */
export function navigate(nav: Nav, change: NavChange): Nav {
  switch (change.do) {
    case 'open':
      return change.screen
        ? { ...nav, stack: [...below(nav.stack, change.screen), change.screen], overlay: null, pane: null }
        : nav
    case 'replace':
      return change.screen
        ? { ...nav, stack: [...nav.stack.slice(0, -1), change.screen], overlay: null, pane: null }
        : nav
    case 'home':
      return {
        ...nav,
        stack: [...nav.stack.slice(0, 1), ...(change.screen ? [change.screen] : [])],
        overlay: null,
        pane: null,
      }
    case 'back':
      if (nav.overlay !== null) return { ...nav, overlay: null }
      if (nav.pane !== null) return { ...nav, pane: null }
      return nav.stack.length > 1 ? { ...nav, stack: nav.stack.slice(0, -1) } : nav
    case 'over':
      return { ...nav, overlay: change.overlay }
    case 'toast':
      return nav.toast === change.text ? nav : { ...nav, toast: change.text }
    case 'pane':
      return {
        ...nav,
        pane: change.by === null ? (nav.pane === null ? 0 : null) : Math.max(0, (nav.pane ?? 0) + change.by),
      }
    case 'live':
      return { ...nav, live: change.run }
  }
}

/** Break glass stands on the stack once: from its own commands, Ctrl-G comes back to it. */
function below(stack: readonly Screen[], screen: Screen): readonly Screen[] {
  const at = stack.findIndex(({ place }) => place === 'glass')
  return screen.place === 'glass' && at >= 0 ? stack.slice(0, at) : stack
}
