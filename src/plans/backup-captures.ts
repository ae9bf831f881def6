import { posix } from 'node:path'
import { commitLive } from '../core/commit-live.ts'
import type { BackupName } from '../core/backup-names.ts'
import type { Part } from '../core/backup.ts'
import { DEFAULT_EXCLUDES } from '../core/default-excludes.ts'
import type { Facts } from '../core/facts.ts'
import { valueOr } from '../core/known.ts'
import type { Step } from '../core/plan.ts'
import type { Project } from '../core/project.ts'
import { call, step } from '../core/step.ts'
import type { Decided } from './decided.ts'
import { siteByHand } from './site-by-hand.ts'
import { driveOf } from './backup-request.ts'
import type { BackupRequest } from './backup-request.ts'
import type { ReadySource } from './named-sources.ts'

export type Making = { request: BackupRequest; name: BackupName; stage: string; sources: ReadySource[] }

/** One step for each thing that is captured; each gives `parts`, `leftOut` and `doubts`. */
export function captureSteps(project: Project, facts: Facts, decided: Decided, making: Making): Step[] {
  const { request, name, stage, sources } = making
  if (request.kind === 'site') return [siteStep(project, facts, making)]
  if (request.kind === 'bundle') return bundleSteps(project, facts, making)
  const commit = commitLive(facts)?.commit ?? null
  return sources.flatMap(({ name: source, source: plugIn, options }) => {
    const made = plugIn.capture(plugIn.options.parse(options), {
      id: `capture.${source}`,
      name: source,
      stage,
      kind: name.kind,
      commit,
      at: decided.now,
      last: lastParts(facts, source),
      encrypted: driveOf(project, name.kind)?.encrypt != null,
    })
    return made === null ? [] : [made]
  })
}

/** A source's parts in the newest backup that has any. */
function lastParts(facts: Facts, source: string): Part[] | null {
  for (const backup of valueOr(facts.backups, [])) {
    const parts = backup.state === 'ok' ? backup.parts.filter((part) => part.source === source) : []
    if (parts.length > 0) return parts
  }
  return null
}

/** What a swap kept, or was about to put in, is named by its run and is no part of the site. */
const BESIDE = ['*.before-*_*Z-*', '*.knowngood-*_*Z-*']

function siteStep(project: Project, facts: Facts, { request, name, stage }: Making): Step {
  const { paths, exclude } = project.backups.site
  const last = valueOr(facts.backups, []).find((one) => one.kind === 'site' && one.state === 'ok')
  const { dump, data } = project.backups
  const dumps = [`${dump.dir}/dump-*Z*.json`, ...Object.keys(project.sources).map((one) => `${dump.dir}/${one}-*_*Z*`)]
  const own = [
    project.backups.quick.dir,
    project.backups.prod.dir,
    project.backups.bundle.dir,
    project.backups.baseline.dir,
    ...(data === null ? [] : [data.dir]),
  ]
  const input = {
    stage,
    file: `${name.stem}${name.ext}`,
    paths,
    kept: Object.values(project.sources).flatMap(({ use, path }) =>
      use === 'sqlite' && typeof path === 'string' ? [posix.normalize(path)] : [],
    ),
    exclude: [...exclude, ...BESIDE, ...own.map((dir) => `/${dir}/`), ...dumps],
    last:
      request.reuse === false || last === undefined || last.digest === ''
        ? null
        : { id: last.id, path: last.path, digest: last.digest },
  }
  const byHand = siteByHand(`${stage}/${input.file}`, paths, [...DEFAULT_EXCLUDES, ...input.exclude])
  return step(
    'capture.site',
    'Pack the working tree',
    [call('backup.site', input, 'pack the working tree as one zip', byHand)],
    {
      detail: paths.join(' '),
      effect: 'local',
      gives: ['parts', 'leftOut', 'doubts'],
      probe: call('backup.staged', { stage, file: input.file }, 'whether it is packed', [
        ['unzip', '-t', `${stage}/${input.file}`],
      ]),
      undo: [
        call('backup.unstage', { stage, file: input.file }, 'remove it', [['rm', '-f', `${stage}/${input.file}`]]),
      ],
      stop: 'anytime',
      ...(last?.ms === undefined ? {} : { expect: { ms: last.ms } }),
    },
  )
}

function bundleSteps(project: Project, facts: Facts, { request, name, stage }: Making): Step[] {
  const commit = request.commit ?? (facts.git.ok ? facts.git.value.next?.oid : undefined)
  if (commit === undefined) return []
  const file = `${name.stem}${name.ext}`
  const input = { stage, file, commit, exclude: project.backups.bundle.exclude }
  const tar = `${stage}/${name.stem}.tar`
  const byHand = [
    ['git', '-c', 'tar.umask=0022', 'archive', '--format=tar', '-o', tar, commit],
    ['gzip', '-n9', tar],
  ]
  return [
    step(
      'capture.bundle',
      'Bundle the sources',
      [call('backup.bundle', input, `pack the tracked files of ${commit.slice(0, 7)}`, byHand)],
      {
        detail: commit.slice(0, 7),
        effect: 'local',
        gives: ['parts', 'leftOut', 'doubts'],
        probe: call('backup.staged', { stage, file }, 'whether it is packed', [['tar', 'tzf', `${stage}/${file}`]]),
        undo: [call('backup.unstage', { stage, file }, 'remove it', [['rm', '-f', `${stage}/${file}`]])],
        stop: 'anytime',
      },
    ),
  ]
}
