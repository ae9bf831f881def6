import { useMemo, type ReactNode } from 'react'
import { wrap } from '../../core/text.ts'
import { allSteps } from '../../core/plan.ts'
import { useKeys } from '../layers.ts'
import { empty, line, muted, pad, t, type Line } from '../line.ts'
import { footer } from '../parts/footer.ts'
import { Page } from '../parts/page.tsx'
import { useSize, useStage } from '../stage.ts'
import { glyph } from '../theme.ts'
import { useStore } from '../use-store.ts'
import { goTo } from '../verbs.ts'
import { lookedAt } from '../words.ts'
import { logLines } from './run-log.ts'

const pair = (name: string, value: string): Line => line('     ', pad(muted(name), 10), value)

/** The release is out and production does not answer as it should. r is the way back. */
export function ReleaseFailed({ run }: { run: string }): ReactNode {
  const stage = useStage()
  const { deck, go, situation } = stage
  const size = useSize()
  const store = useMemo(() => deck.watch(run), [deck, run])
  const view = useStore(store)
  const look = useStore(deck.facts)
  const verbs = goTo(stage)
  useKeys({
    place: 'failed',
    handlers: {
      ...(verbs.rollback ? { rollback: verbs.rollback, open: verbs.rollback } : {}),
      ...(verbs.verify ? { verify: verbs.verify } : {}),
      fullLog: () =>
        go({
          do: 'open',
          screen: { place: 'reader', title: `Log of ${run}`, load: () => deck.runLog(run), atEnd: true },
        }),
      copy: () => void stage.attempt(() => deck.copy(run)).then(() => stage.toast(`Copied ${run}.`)),
      back: () => go({ do: 'home' }),
    },
  })

  const summary = look.facts.runs.ok ? look.facts.runs.value.find((each) => each.id === run) : undefined
  const failed =
    view === null ? undefined : allSteps(view.plan).find((step) => view.states[step.id]?.state === 'failed')
  const why =
    (failed === undefined ? null : view?.states[failed.id]?.error) ??
    view?.end?.error ??
    'Production did not answer as expected.'
  const live = look.facts.live
  const stale = summary?.endedAt == null || live.at < summary.endedAt
  const serving = stale ? 'checking…' : live.ok ? live.value.buildId : live.because || 'checking…'
  const room = size.left - 6
  const text = (says: string, role: 'text' | 'danger' = 'text'): Line[] =>
    wrap(says, room).map((each) => t(`     ${each}`, role))
  const log =
    view === null || failed === undefined
      ? []
      : logLines(view, failed.id, (size.pane > 0 ? size.pane : size.left) - 5, 40, size.pane > 0 ? 6 : 3)
  const head: Line[] = [
    ...wrap('Live verification failed. The release is out, and it is not certified.', room).map((each, index) =>
      t(`  ${index === 0 ? glyph.bad : ' '}  ${each}`, 'danger', true),
    ),
    empty,
    ...text(why, 'danger'),
    empty,
    pair('Released', summary?.subject ?? view?.plan.title ?? run),
    // What was read before the run ended says nothing about what it left behind.
    pair('Serving', serving),
    pair('Tag', 'none was made; prod-current did not move'),
    pair('Run', run),
    empty,
    line('  ', t('r', 'key'), '  Roll back: choose what to go back to, review it, then confirm'),
    line('  ', t('v', 'key'), '  Read production again, in case it was only slow'),
    line('  ', t('L', 'key'), '  Read the whole log'),
  ]
  const left = size.body - head.length - 1
  const tail = left >= 2 && size.pane === 0 ? [empty, ...log.slice(-left)] : []
  return (
    <Page
      crumb="Release not verified"
      right={lookedAt(look)}
      body={[...head, ...tail]}
      detail={() => log.slice(-size.body)}
      footer={footer({
        place: 'failed',
        situation,
        columns: size.columns,
        without: ['open'],
        labels: { back: 'dashboard' },
      })}
    />
  )
}
