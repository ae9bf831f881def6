import { join } from 'node:path'
import type { Json } from '../../core/json.ts'
import type { Arg, Step } from '../../core/plan.ts'
import type { RestoreContext, RestoreSteps, StoredPart } from '../../core/plug-in.ts'
import { call, step } from '../../core/step.ts'
import { onlyPart } from '../beside.ts'
import type { Scope } from './client.ts'
import type { Kept, Swap } from './swap.ts'

/** Counts the copy in a server of its own; swaps only what is declared to be ours. */
export function restoreSteps(scope: Scope, context: RestoreContext): RestoreSteps {
  const { ids, name, run, to } = context
  const { file, part } = onlyPart(name, context.parts)
  const place = to.live ? join('.knowngood', 'undo', run, `${name}.restore.rdb`) : join(to.dir, `${name}.rdb`)
  const ours = scope.prefix !== null || scope.exclusive
  const was = { $: 'was' }
  const input = { name, file, part, place }
  const swapped = to.live && ours ? { scope, run } : null
  const remove = (free: Json) =>
    call('redis.drop', { place, was: free, swapped }, `remove ${place}`, [['rm', '-f', place]])
  const stays = to.live && !ours ? '; it is only put there: others may keep keys in the same database' : ''
  const beside = step(
    ids.beside,
    `Restore ${name} beside`,
    [
      call('redis.beside', { ...input, was }, `load ${part.path} in a server of its own and count its keys${stays}`, [
        ['cp', file, place],
        ['redis-check-rdb', place],
      ]),
    ],
    {
      detail: place,
      effect: 'local',
      gives: ['counts', 'place'],
      capture: call('redis.look', { place }, `whether ${place} is free`, [['ls', '-l', place]]),
      probe: call('redis.beside.seen', input, `whether ${place} is whole`, [['sha256sum', place]]),
      undo: [remove(was)],
      stop: 'anytime',
      expect: { bytes: part.bytes },
    },
  )
  const drop = step(ids.drop, `Remove the copy of ${name}`, [remove({ free: true })], {
    effect: 'local',
    probe: call('redis.dropped', { place }, `whether ${place} is gone`, [['ls', '-l', place]]),
  })
  const swap = swapped === null ? null : swapStep(ids.swap, `Swap ${name} in`, { name, scope, run, rdb: place })
  return { beside, swap, drop }
}

/** Makes the scope's keys of what an earlier swap kept live again. */
export function backStep(scope: Scope, context: { id: string; name: string; run: string; kept: Json }): Step {
  const { id, name, run } = context
  const kept = context.kept as Kept
  return swapStep(id, `Put ${name} back`, { name, scope, run, rdb: kept.file })
}

/** Opens a stored RDB file where it lies. */
export function readableStep(read: StoredPart & { id: string; name: string }): Step {
  const { id, name, file, part } = read
  const says = `load ${part.path} in a server of its own and count its keys`
  const input = { name, file, part }
  return step(id, `Open ${part.path}`, [call('redis.readable', input, says, [['redis-check-rdb', file]])], {
    gives: ['counts'],
  })
}

/** Removes the keys of a scope: a prefix, or an exclusive database. What others keep there stays. An unreachable Redis fails it. */
export function flushStep(id: string, name: string, scope: Scope): Step {
  const what = shown(scope)
  const flush = call('redis.flush', { scope }, `remove ${what}; nothing else is touched`, [
    [...cli(scope), '--scan', '--pattern', `${scope.prefix ?? ''}*`],
  ])
  return step(id, `Flush ${name}`, [flush], {
    detail: what,
    effect: 'destroys',
    gives: ['removed'],
    probe: call('redis.flushed', { scope }, `whether ${what} are gone`, [[...cli(scope), 'INFO', 'keyspace']]),
    onFail: 'owe',
  })
}

function swapStep(id: string, title: string, input: Swap): Step {
  const { scope, run, rdb } = input
  const was = { $: 'was' }
  const ended = { ...input, was, given: { $: `${id}.kept` } }
  const what = shown(scope)
  const look = [[...cli(scope), 'EXISTS', `knowngood:swapped:${run}`]]
  return step(id, title, [call('redis.swap', { ...input, was }, `replace ${what} in one transaction`, load(rdb))], {
    detail: what,
    effect: 'destroys',
    gives: ['kept'],
    capture: call('redis.keep', input, `keep the whole server as an RDB file`, [[...cli(scope), '--rdb', 'kept.rdb']]),
    probe: call('redis.swapped', ended, `whether ${what} were replaced`, look),
    undo: [call('redis.unswap', ended, `put back ${what}`, load({ $: 'was.file' }))],
  })
}

function shown({ prefix }: Scope): string {
  return prefix === null ? 'all keys of the database' : `keys that start with ${prefix}`
}

function cli({ url, database }: Scope): Arg[] {
  return ['redis-cli', '-u', { secret: url }, ...(database === null ? [] : ['-n', String(database)])]
}

/** By hand a file is loaded by a server started on it, and keys are moved from there. */
function load(file: Arg): Arg[][] {
  return [
    ['cp', file, '/tmp/kept.rdb'],
    ['redis-server', '--port', '6390', '--dir', '/tmp', '--dbfilename', 'kept.rdb', '--save', ''],
    ['redis-cli', '-p', '6390', 'MIGRATE', 'HOST', 'PORT', '', 'DATABASE', '5000', 'COPY', 'REPLACE', 'KEYS', 'KEY'],
  ]
}
