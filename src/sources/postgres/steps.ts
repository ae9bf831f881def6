import { join } from 'node:path'
import type { Json } from '../../core/json.ts'
import type { Arg, Call, Step } from '../../core/plan.ts'
import type { CaptureContext, Forget, RestoreContext, RestoreSteps, Source } from '../../core/plug-in.ts'
import { shellWord } from '../../core/shell.ts'
import { call, step } from '../../core/step.ts'
import { onlyPart } from '../beside.ts'
import { captureStep } from '../captured.ts'
import type { Exchange } from './exchange.ts'
import {
  isSql,
  besideByHand,
  dropByHand,
  keptBackByHand,
  keptByHand,
  listByHand,
  readByHand,
  restoredName,
  swapBackByHand,
  swapByHand,
} from './by-hand.ts'
import type { Kept } from './forget.ts'
import { given, type Options } from './options.ts'

/** The URL as a word of a command typed by hand; without one PG* says it all. */
const urlWord = (o: Options): Arg[] => (o.url === undefined ? [] : [{ secret: o.url.slice(1) }])

/** One snapshot, dumped, counted and read back: `database/<name>.dump` or `.sql.gz` of the stage. */
export function captureSteps(o: Options, context: CaptureContext): Step {
  const path = `database/${context.name}.${o.format === 'plain' ? 'sql.gz' : 'dump'}`
  const file = join(context.stage, path)
  return captureStep('postgres', context, {
    title: context.name,
    detail: o.url ?? 'the database of PG*',
    paths: [path],
    input: { given: given(o) },
    says: 'dump one snapshot, count its rows, and read the file back',
    byHand: [
      [
        'pg_dump',
        `--format=${o.format}`,
        '--compress=6',
        `--lock-wait-timeout=${o.lockTimeout}s`,
        `--file=${file}`,
        ...urlWord(o),
      ],
      readByHand(file),
    ],
  })
}

/** Reads a dump whole by PostgreSQL's own tools, and counts its rows. */
export function readableStep(o: Options, { id, name, run, part, file }: Parameters<Source['readable']>[1]): Step {
  const input = { given: given(o), run, live: false, urlFrom: null, name, part, file, swaps: false }
  const says = 'read every byte by PostgreSQL’s own tools, and count its rows'
  return step(id, part.path, [call('postgres.readable', input, says, [readByHand(file)])], {
    gives: ['counts'],
    stop: 'anytime',
    expect: { bytes: part.bytes },
  })
}

/** A fresh database beside the live one, counted; the exchange of the two; and the end of a scratch one. */
export function restoreSteps(o: Options, context: RestoreContext): RestoreSteps {
  const { name, run, ids, to } = context
  const { part, file } = onlyPart(name, context.parts)
  const urlFrom = to.live ? null : (to.urlFrom?.replace(/^\$/, '') ?? null)
  const place = { given: given(o), run, live: to.live, urlFrom }
  // What is dropped again need not be able to take the place of the live one.
  const swaps = to.live && to.scratch !== true
  const input = { ...place, name, part, file, swaps }
  const look = listByHand(o)
  const remove = call('postgres.drop', place, 'drop the database this run made', dropByHand(o, restoredName(name)))
  const says =
    urlFrom === null
      ? 'restore into a fresh database beside the live one, and count it'
      : `restore into a new database, $${urlFrom}, and count it`
  return {
    beside: step(
      ids.beside,
      `Put ${name} beside`,
      [call('postgres.beside', input, says, besideByHand(o, name, file))],
      {
        effect: 'local',
        gives: ['counts', 'place'],
        probe: call('postgres.beside.seen', input, 'whether it is there, and whole', look),
        undo: [remove],
        stop: 'anytime',
        expect: { bytes: part.bytes },
      },
    ),
    swap: swaps
      ? exchangeStep(
          { id: ids.swap, title: `Make ${name} live`, look },
          { given: given(o), run, incoming: { $: `${ids.beside}.place` }, fresh: true },
          [swapByHand(o, name, run), swapBackByHand(o, name, run)],
        )
      : null,
    drop: step(ids.drop, `Drop ${name} beside`, [remove], {
      effect: 'local',
      probe: call('postgres.dropped', place, 'whether it is gone', look),
      onFail: 'owe',
    }),
  }
}

/** Exchanges the live database with the one an earlier swap kept; held by its call when that is not there any more. */
export function reachCall(o: Options): Call {
  return call('postgres.reach', { given: given(o) }, 'ask whether the server answers', listByHand(o))
}

export function backStep(o: Options, { id, name, run, kept }: Parameters<Source['back']>[1]): Step {
  const before = kept !== null && typeof kept === 'object' && 'before' in kept ? kept.before : null
  const hand = typeof before === 'string' ? keptByHand(o, before, run) : []
  return exchangeStep(
    { id, title: `Make ${name} live as it was`, look: listByHand(o) },
    { given: given(o), run, incoming: before, fresh: false },
    [hand, typeof before === 'string' ? keptBackByHand(o, before, run) : []],
  )
}

/** Drops the database that a swap moved out of the way. */
export function forgetStep(o: Options, context: Parameters<Source['back']>[1]): Forget | null {
  const { id, name, run } = context
  const kept = context.kept as Kept
  if (kept === null) return null
  const { before } = kept
  const input = { given: given(o), run, kept }
  const made = step(
    id,
    `Drop what was kept of ${name}`,
    [call('postgres.forget', input, `drop the database ${before}`, dropByHand(o, before))],
    {
      detail: before,
      effect: 'destroys',
      probe: call('postgres.forgotten', input, `whether the database ${before} is gone`, listByHand(o)),
      onFail: 'halt',
    },
  )
  return { step: made, names: [before], paths: [] }
}

type Names = Omit<Exchange, 'incoming'> & { incoming: Json }

/** `hand`: the same by hand, and its undo. */
function exchangeStep(
  { id, title, look }: { id: string; title: string; look: Arg[][] },
  of: Names,
  [forth, back]: [Arg[][], Arg[][]],
): Step {
  const was = { $: 'was' }
  const names = 'exchange the two databases by renames in one transaction, their connections closed meanwhile'
  const probe: Call = call('postgres.exchanged', { given: of.given, was }, 'which of the two is live', look)
  return step(id, title, [call('postgres.exchange', { ...of, was }, names, forth)], {
    effect: 'destroys',
    capture: call('postgres.stand', of, 'which databases stand there', look),
    gives: ['kept'],
    probe,
    undo: [call('postgres.put-back', { ...of, was }, 'make the one that was live before live again', back)],
  })
}

/** The same with standard tools, run inside the backup's folder; PGHOST, PGPORT and PGUSER say where. */
export function manualLines(path: string): string[] {
  const file = shellWord(path)
  const make = 'createdb --template=template0 restored'
  if (!isSql(path)) return [make, `pg_restore --exit-on-error --no-owner --no-privileges --dbname=restored ${file}`]
  const feed = path.endsWith('.gz') ? `gunzip --stdout ${file}` : `cat ${file}`
  return [make, `${feed} | psql -X -q -v ON_ERROR_STOP=1 -d restored`]
}
