import { render, useApp, useWindowSize, type Instance } from 'ink'
import { useEffect, useMemo, useReducer, useState, type ReactNode } from 'react'
import type { Deck } from '../core/deck.ts'
import type { Press } from './keyboard.ts'
import { bindingFor, type ActionId } from './keys.ts'
import type { Situation } from './keys-off.ts'
import { makeLayers, textChange } from './layers.ts'
import { navigate, type Nav } from './nav.ts'
import type { Painted } from './painted.ts'
import { asProblem } from './problem.ts'
import { REOPEN } from './reopen.ts'
import { reasonOff } from './parts/footer.ts'
import { OverlayView, ScreenView } from './router.tsx'
import { firstScreen } from './first.ts'
import { isTooSmall, WIDE } from './size.ts'
import { StageContext, type Stage } from './stage.ts'
import { suspend } from './suspend.ts'
import { makeTheme, wantsVoice } from './theme.ts'
import { usePresses } from './use-presses.ts'
import { useStore } from './use-store.ts'
import { goTo } from './verbs.ts'

export type DeckOptions = {
  stdin: NodeJS.ReadStream
  stdout: NodeJS.WriteStream
  /** Says in the header that this production is a throwaway one. */
  demo?: boolean
  /** Where to begin: the name of a screen, or the id of a run to follow. */
  first?: string
  env?: Readonly<Record<string, string | undefined>>
  /** The screen that is shown already; it is taken over. */
  painted?: Painted | null
  /** By which the keys of a fresh review are ignored, ms; the machine's own unless told. */
  clock?: () => number
}

/**
 * Draws the deck until the operator leaves and gives the exit code. The terminal is as it was found whatever
 * happens; a failure of the deck itself rejects, after that.
 */
export async function runDeck(deck: Deck, options: DeckOptions): Promise<number> {
  const env = options.env ?? process.env
  const spoken = wantsVoice(env)
  if (!spoken) {
    // Keys typed ahead would be echoed into the first frame, which begins where the cursor stands.
    options.stdin.setRawMode(true)
    options.stdout.write('\r')
  }
  const start = (): Instance =>
    render(<App deck={deck} options={options} env={env} spoken={spoken} />, {
      stdin: options.stdin,
      stdout: options.stdout,
      alternateScreen: !spoken,
      incrementalRendering: !spoken,
      isScreenReaderEnabled: spoken,
      exitOnCtrlC: false,
      patchConsole: false,
      interactive: true,
      // A run redraws ten times a second at most (its store is throttled); a key should not wait for that.
      maxFps: 60,
    })
  const instance = options.painted ? options.painted.takeOver(start) : start()
  const code = await instance.waitUntilExit()
  return typeof code === 'number' ? code : 0
}

type Props = { deck: Deck; options: DeckOptions; env: Readonly<Record<string, string | undefined>>; spoken: boolean }

const TOAST_MS = 6_000

/** How far the keys that move a pointer scroll the pane beside the list. */
const PANE_STEPS: Partial<Record<ActionId, number>> = {
  up: -1,
  down: 1,
  pageUp: -10,
  pageDown: 10,
  home: -9_999,
  end: 9_999,
}

function App({ deck, options, env, spoken }: Props): ReactNode {
  const app = useApp()
  const [nav, go] = useReducer(navigate, options.first, (first) => firstNav(deck, first))
  const { facts, checking } = useStore(deck.facts)
  const layers = useMemo(() => makeLayers(options.clock ?? (() => performance.now())), [options.clock])
  const memory = useMemo(() => new Map<string, unknown>(), [])
  const [theme, setTheme] = useState(() => makeTheme(env, deck.preferences.get().theme))
  const running = nav.live ?? (facts.runs.ok ? facts.runs.value : []).find((run) => run.state === 'running') ?? null
  const situation: Situation = { facts, running }
  const unseen = isTooSmall(useWindowSize()) && !spoken

  const toast = (text: string): void => go({ do: 'toast', text })
  const attempt = async <T,>(work: () => Promise<T>): Promise<T | null> => {
    try {
      return await work()
    } catch (error) {
      go({ do: 'over', overlay: asProblem(error) })
      return null
    }
  }

  const shared: Partial<Record<ActionId, () => void>> = {
    help: () => go({ do: 'over', overlay: { place: 'help' } }),
    palette: () => go({ do: 'over', overlay: { place: 'palette' } }),
    glass: () => go({ do: 'open', screen: { place: 'glass' } }),
    back: () => go({ do: 'back' }),
    leave: () => (running === null ? app.exit(0) : go({ do: 'over', overlay: { place: 'leave', run: running.id } })),
    refresh: () => void attempt(() => deck.refresh()),
    suspend: () => void attempt(() => suspend(app.suspendTerminal)),
    copy: () => toast('There is nothing to copy here.'),
    tab: () => (options.stdout.columns >= WIDE ? go({ do: 'pane', by: null }) : undefined),
  }

  const act = (id: ActionId): void => {
    const layer = layers.entries.findLast((entry) => !entry.over)?.layer
    const handler = layer?.handlers[id] ?? shared[id] ?? goTo(stage)[id]
    handler?.()
  }

  const stage: Stage = {
    deck,
    nav,
    go,
    theme,
    situation,
    layers,
    memory,
    spoken,
    attempt,
    toast,
    act,
    demo: options.demo === true,
    chooseTheme: (wanted) => {
      deck.preferences.set({ theme: wanted })
      setTheme(makeTheme(env, wanted))
    },
    reopen: () => app.exit(REOPEN),
    quit: () => app.exit(0),
  }

  const handle = (press: Press): void => {
    const top = layers.top()
    if (top === undefined || (layers.clock() < top.guardUntil && press.name !== 'ctrl-c')) return
    const change = top.layer.write ? textChange(press) : null
    const binding = bindingFor(top.layer.place, press.name)
    // Where one sentence is all there is to see, no key does what cannot be seen.
    if (unseen && (change !== null || (binding?.id !== 'leave' && binding?.id !== 'suspend'))) return
    if (nav.toast !== null) go({ do: 'toast', text: null })
    if (change !== null) return top.layer.write?.(change)
    if (binding === undefined) return
    const reason = reasonOff(binding, situation, top.layer.off)
    if (reason !== null) return toast(`${binding.shown} is off: ${reason}.`)
    const step = PANE_STEPS[binding.id]
    if (nav.pane !== null && !top.over && step !== undefined) return go({ do: 'pane', by: step })
    const own = nav.pane !== null && binding.id === 'back' ? undefined : top.layer.handlers[binding.id]
    const handler = own ?? shared[binding.id]
    handler?.()
  }
  usePresses(
    handle,
    (text) => {
      if (!unseen) layers.top()?.layer.write?.({ insert: text.replace(/[\r\n\t]+/g, ' ').trim() })
    },
    () => layers.top()?.layer.write !== undefined,
  )

  useEffect(() => {
    if (nav.toast === null) return
    const timer = setTimeout(() => go({ do: 'toast', text: null }), TOAST_MS)
    return () => clearTimeout(timer)
  }, [nav.toast])
  useEffect(() => {
    if (nav.live === null) return
    const store = deck.watch(nav.live.id)
    const look = (): void => {
      const view = store.get()
      if (view === null || (view.end === null && !view.died)) return
      go({ do: 'live', run: null })
      void attempt(() => deck.refresh())
    }
    const stop = store.subscribe(look)
    // It may have ended before anybody listened, and would be told of no more.
    look()
    return stop
    // oxlint-disable-next-line react/exhaustive-deps -- one watch a run
  }, [nav.live?.id])
  useEffect(() => {
    // A deck that has looked already, or is at it, is drawn as it is.
    if (!facts.git.ok && checking.size === 0) void attempt(() => deck.refresh())
    if (options.first !== undefined && nav.stack.length === 1) goTo(stage)[options.first as ActionId]?.()
    // oxlint-disable-next-line react/exhaustive-deps -- once, at the start
  }, [])

  return (
    <StageContext value={stage}>
      <ScreenView screen={nav.stack.at(-1) ?? { place: 'dashboard' }} depth={nav.stack.length} />
      {nav.overlay !== null && <OverlayView overlay={nav.overlay} />}
    </StageContext>
  )
}

function firstNav({ broken }: Deck, first: string | undefined): Nav {
  const screen = first === undefined ? null : firstScreen(first)
  return {
    stack: [{ place: broken === null ? 'dashboard' : 'broken' }, ...(screen === null ? [] : [screen])],
    overlay: null,
    toast: null,
    pane: null,
    live: null,
  }
}
