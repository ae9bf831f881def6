import type { ReactNode } from 'react'
import { duration } from '../../core/age.ts'
import { releaseTagOn } from '../../core/release.ts'
import { wrap } from '../../core/text.ts'
import { useKeys } from '../layers.ts'
import { empty, line, muted, pad, strong, type Line } from '../line.ts'
import { footer } from '../parts/footer.ts'
import { Page } from '../parts/page.tsx'
import { useSize, useStage } from '../stage.ts'
import { useStore } from '../use-store.ts'
import { goTo, startNow } from '../verbs.ts'
import { bad, good, lookedAt, shortOid, unknownLine, warn } from '../words.ts'

const pair = (name: string, value: Line): Line => line('  ', pad(muted(name), 13), value)

/** What production serves against what it should; v reads it again, properly. */
export function Verify(): ReactNode {
  const stage = useStage()
  const { deck, situation } = stage
  const size = useSize()
  const look = useStore(deck.facts)
  const { git, live, history } = look.facts
  const now = new Date(look.facts.at)
  const verbs = goTo(stage)
  useKeys({
    place: 'verify',
    handlers: {
      startReads: () => void startNow(stage, { op: 'verify-live' }, 'Reading production. s stops it.'),
      ...(verbs.gate ? { gate: verbs.gate } : {}),
      copy: () =>
        live.ok &&
        void stage
          .attempt(() => deck.copy(live.value.buildId))
          .then(() => stage.toast(`Copied ${live.value.buildId}.`)),
    },
  })

  const current = git.ok ? git.value.current : null
  const tag = git.ok ? releaseTagOn(git.value, current) : undefined
  const expected = !git.ok
    ? unknownLine(git, look.checking.has('git'), now, () => empty)
    : current === null
      ? muted('nothing was released yet')
      : line(strong(tag?.name ?? shortOid(current)), `   ${shortOid(current)}`)
  const serving: Line[] = live.ok
    ? [
        pair('Serving', line(live.value.buildId)),
        pair('Page', line(live.value.url)),
        pair('Answered in', line(duration(live.value.ms))),
        empty,
        line('  ', verdict(live.value.matches, current)),
      ]
    : [
        pair(
          'Serving',
          unknownLine(live, look.checking.has('live'), now, () => empty),
        ),
      ]
  const last = history.find((row) => row.mark === 'verified')
  const body: Line[] = [
    pair('Expected', expected),
    ...serving,
    empty,
    ...wrap(
      'v reads production several times in a row, past every cache, and runs the checks of the project. It changes nothing.',
      size.left - 4,
    ).map((text) => line('  ', text)),
    ...(last === undefined
      ? []
      : [empty, muted(`  Last proven ${last.at.slice(0, 16).replace('T', ' ')} UTC by ${last.by}`)]),
  ]
  return (
    <Page
      crumb="Verify live"
      right={lookedAt(look)}
      body={body}
      footer={footer({ place: 'verify', situation, columns: size.columns, without: ['gate'] })}
    />
  )
}

function verdict(matches: string | null, current: string | null): Line {
  if (matches === null) return bad('This BUILD_ID belongs to no commit known here.')
  if (current === null) return warn(`It is ${shortOid(matches)}, which was never certified.`)
  return matches === current
    ? good('BUILD_ID matches what is certified.')
    : bad(`It is ${shortOid(matches)}, not the certified ${shortOid(current)}.`)
}
