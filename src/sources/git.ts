import { join } from 'node:path'
import { z } from 'zod'
import type { JsonRecord } from '../core/json.ts'
import { KINDS } from '../core/kinds.ts'
import { known } from '../core/known.ts'
import type { Source } from '../core/plug-in.ts'
import { call, step } from '../core/step.ts'
import { now } from '../world/clock.ts'
import { isShallow } from '../world/git-shallow.ts'
import { captureStep } from './captured.ts'
import { BUNDLE, gitCalls, HEAD_COMMIT } from './git-calls.ts'

const options = z.strictObject({})

/** The repository itself: it always exists, and a backup of it is the commit that is live. */
export const git: Source<Record<string, never>> = {
  use: 'git',
  says: 'The repository itself: the commit that is live, and a bundle of every branch and tag where a kind holds more.',
  holds: 'repository',
  options,
  detect: async () => [],
  doctor: async (_, place) => {
    const shallow = await isShallow(place.root).catch(() => null)
    if (shallow === null) return [{ id: 'git.history', ok: false, says: 'this is no git repository', fix: 'git init' }]
    const says = shallow ? 'this clone is shallow: what it returns to may be missing' : 'the history is whole'
    return [{ id: 'git.history', ok: !shallow, says, fix: shallow ? 'git fetch --unshallow' : '' }]
  },
  observe: async (_, place) => ({
    schema: known(null, now().toISOString()),
    detail: { shallow: await isShallow(place.root).catch(() => null) },
  }),
  calls: gitCalls,
  capture: (_, context) => {
    // The other kinds are a commit, or made from one.
    if (KINDS[context.kind].shape !== 'folder') return null
    const { commit, stage } = context
    return captureStep('git', context, {
      title: 'repository',
      detail: 'every branch and tag, as one bundle',
      paths: [HEAD_COMMIT, BUNDLE],
      input: { commit },
      says: 'bundle every ref, and read the bundle back into a scratch repository',
      byHand: [['git', 'bundle', 'create', join(stage, BUNDLE), '--all']],
    })
  },
  readable: (_, { id, part, file }) => {
    const input = { file, path: part.path, counts: part.counts ?? null }
    const byHand = part.path.endsWith('.bundle') ? [['git', 'clone', '--mirror', file, 'scratch.git']] : [['cat', file]]
    return step(id, part.path, [call('git.readable', input, `open ${part.path} in a scratch repository`, byHand)], {
      gives: ['counts'],
      stop: 'anytime',
    })
  },
  restore: (_, context) => {
    const { to, ids, name } = context
    const bundle = context.parts.find(({ part }) => part.path.endsWith('.bundle'))
    if (to.live || bundle === undefined) return null
    const dir = join(to.dir, `${name}.git`)
    const was = { $: 'was' }
    const input = { file: bundle.file, dir, counts: bundle.part.counts ?? null, was }
    const remove = (was: JsonRecord) => call('git.drop', { dir, was }, `remove ${dir}`, [['rm', '-rf', dir]])
    const look = [['ls', dir]]
    return {
      beside: step(
        ids.beside,
        'repository beside',
        [call('git.put', input, `put every ref into ${dir}`, [['git', 'clone', '--mirror', bundle.file, dir]])],
        {
          effect: 'local',
          capture: call('git.put-look', { dir }, `whether ${dir} is free`, look),
          gives: ['counts', 'place'],
          probe: call('git.put-probe', { dir, was }, `whether ${dir} is whole`, [['git', '-C', dir, 'fsck']]),
          undo: [remove(was)],
          stop: 'anytime',
        },
      ),
      swap: null,
      drop: step(ids.drop, 'remove the repository beside', [remove({ free: true })], {
        effect: 'local',
        probe: call('git.drop-probe', { dir }, `whether ${dir} is gone`, look),
        onFail: 'owe',
      }),
    }
  },
  back: () => {
    throw new Error('a repository is never swapped in by a restore: code returns by rollback')
  },
  manual: (_, part) =>
    part.path.endsWith('.bundle')
      ? [`git clone ${BUNDLE} restored`, `git -C restored checkout "$(cat ${HEAD_COMMIT})"`]
      : [],
}
