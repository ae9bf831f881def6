import { join } from 'node:path'
import type { ListedBackup } from '../core/backup.ts'
import { KINDS } from '../core/kinds.ts'
import { partFile } from '../core/part-file.ts'
import type { Step } from '../core/plan.ts'
import type { StoredPart } from '../core/plug-in.ts'
import type { Project } from '../core/project.ts'
import { call, step } from '../core/step.ts'
import { proving } from './proof-steps.ts'
import type { Suffix } from './proof-steps.ts'

/** An archive as a whole: `parts` are those its proofs name, none where it was found without a record. */
export type Whole = { name: string; parts: StoredPart[]; backup: ListedBackup }

type More = { hard: boolean; suffix?: Suffix }

/** The archives of a backup that are opened as a whole: the working tree, an artefact, tracked sources, a data archive without a source. */
export function wholeOf(project: Project, backup: ListedBackup, taken: ReadonlySet<string>): Whole | null {
  if (KINDS[backup.kind].shape !== 'archive') return null
  const { path, bytes, digest } = backup
  const own = { source: '', use: '', path, bytes, sha256: digest, unsettled: [] }
  const left = backup.parts.filter((part) => !taken.has(part.path))
  const parts = backup.parts.length === 0 ? [own] : left
  if (parts.length === 0) return null
  const stored = parts.map((part) => ({ part, file: partFile(project.root, backup, part) }))
  return { name: 'archive', parts: stored, backup }
}

/** Reads each archive to its end: every member's checksum. */
export function testSteps({ parts, backup }: Whole, more: More): Step[] {
  const { suffix = '' } = more
  return parts.map(({ part, file }, index) => {
    const byHand = [file.endsWith('.zip') ? ['unzip', '-tqq', file] : ['gzip', '-t', file]]
    const inner = step(
      `readable${index === 0 ? '' : `-${index + 1}`}${suffix}`,
      'Read the archive',
      [call('archive.test', { file }, `read every member of ${part.path}`, byHand)],
      { detail: part.path, gives: ['counts'], stop: 'anytime' },
    )
    const named = backup.parts.length === 0 ? [] : [part]
    return proving(inner, { backup, rung: 'readable', parts: named, after: `hash${suffix}`, ...more })
  })
}

/**
 * Unpacks each archive into a folder of `dir` and counts what came out. Nothing stands there unless every byte agreed with
 * its checksum, so that `unread` archives need no test before: it would be the same work twice.
 */
export function unpackSteps({ parts, backup }: Whole, dir: string, more: More & { unread?: boolean }): Step[] {
  const { suffix = '', unread = false } = more
  return parts.map(({ part, file }, index) => {
    const again = index === 0 ? '' : `-${index + 1}`
    const to = join(dir, `${backup.id.replaceAll(/[^\w.-]/g, '_')}${again}`)
    const byHand = [file.endsWith('.zip') ? ['unzip', '-q', file, '-d', to] : ['tar', '-xzf', file, '-C', to]]
    const remove = call('archive.remove', { to }, `remove ${to}`, [['rm', '-r', to]])
    const inner = step(
      `beside${again}${suffix}`,
      'Unpack it',
      [call('archive.unpack', { file, to }, `unpack ${part.path} into ${to}`, byHand)],
      {
        detail: to,
        effect: 'local',
        gives: ['counts', 'place'],
        probe: call('archive.unpacked', { to }, 'whether it is unpacked', [['ls', to]]),
        undo: [remove],
        stop: 'anytime',
      },
    )
    const named = backup.parts.length === 0 ? [] : [part]
    return proving(inner, {
      backup,
      rung: 'restored',
      parts: named,
      after: unread ? `hash${suffix}` : `readable${again}${suffix}`,
      ...more,
    })
  })
}

/** A pointer's commit, read to its last byte; at the highest rung checked out into a scratch place and counted. */
export function commitSteps(backup: ListedBackup, dir: string | null, more: More): Step[] {
  const { suffix = '' } = more
  const { commit } = backup
  if (commit === null) return []
  const read = step(
    `readable.commit${suffix}`,
    'Read the commit',
    [
      call('commit.read', { commit }, `read every file of ${commit.slice(0, 7)}`, [
        ['git', 'archive', '--format=tar', '-o', '/dev/null', commit],
      ]),
    ],
    { detail: commit.slice(0, 7), gives: ['counts'], stop: 'anytime' },
  )
  const steps = [proving(read, { backup, rung: 'readable', parts: [], after: `hash${suffix}`, ...more })]
  if (dir === null) return steps
  const to = join(dir, 'checkout')
  const out = step(
    `beside.commit${suffix}`,
    'Check it out',
    [
      call('commit.checkout', { commit, to }, `check ${commit.slice(0, 7)} out into ${to} and count it`, [
        ['git', 'worktree', 'add', '--detach', to, commit],
      ]),
    ],
    {
      detail: to,
      effect: 'local',
      gives: ['counts'],
      probe: call('again.probe', {}, 'it may be done again'),
      undo: [call('worktree.remove', { path: to }, `remove ${to}`, [['git', 'worktree', 'remove', '--force', to]])],
      stop: 'anytime',
    },
  )
  return [...steps, proving(out, { backup, rung: 'restored', parts: [], after: `readable.commit${suffix}`, ...more })]
}
