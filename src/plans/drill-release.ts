import { basename, join } from 'node:path'
import type { ListedBackup } from '../core/backup.ts'
import type { Facts } from '../core/facts.ts'
import { statePaths } from '../core/paths.ts'
import type { Hold, Step } from '../core/plan.ts'
import type { Project } from '../core/project.ts'
import { call, step } from '../core/step.ts'
import type { Decided } from './decided.ts'
import type { GitHubGiven } from './publish.ts'
import { placeOf } from './publish.ts'

/** What a drill takes from GitHub: the steps before it, those after it, and where each archive then lies, by its part's path. */
type Fetched = { before: Step[]; after: Step[]; files: Record<string, string>; holds: Hold[] }

/** A bundle that is published is drilled with what its GitHub Release holds, as somebody would who has nothing else left. */
export function fetchedBundle(
  project: Project,
  facts: Facts,
  chosen: readonly ListedBackup[],
  given: GitHubGiven,
  decided: Decided,
): Fetched {
  const bundle = chosen.find(({ kind, releaseUrl }) => kind === 'bundle' && tagIn(releaseUrl) !== null)
  if (bundle === undefined) return { before: [], after: [], files: {}, holds: [] }
  const holds: Hold[] = []
  const place = placeOf(project, facts, given, holds)
  const tag = tagIn(bundle.releaseUrl) ?? ''
  const to = join(statePaths(project.root).run(decided.run), 'fetched')
  const file = join(to, basename(bundle.path))
  const input = { place, token: given.token !== null, tag, of: { path: bundle.path, sha256: bundle.digest }, to }
  const fetch = step(
    'fetch',
    'Fetch the bundle',
    [
      call('drill.fetch', input, `download the release ${tag}, and check its SHA256SUMS`, [
        ['gh', 'release', 'download', tag, '--repo', place.repository, '--dir', to],
        ['sha256sum', '--check', 'SHA256SUMS'],
      ]),
    ],
    {
      detail: `${place.repository} ${tag}`,
      effect: 'local',
      gives: ['bytes'],
      probe: call('again.probe', {}, 'it may be done again'),
      stop: 'anytime',
      expect: { bytes: bundle.bytes },
    },
  )
  const remove = step('fetched', 'Clean up', [call('archive.remove', { to }, `remove ${to}`, [['rm', '-rf', to]])], {
    effect: 'local',
    probe: call('again.probe', {}, 'it may be removed again'),
    stop: 'never',
    onFail: 'owe',
  })
  return { before: [fetch], after: [remove], files: { [bundle.path]: file }, holds }
}

/** The tag of a release's own page; null where that is no page of a GitHub Release. */
function tagIn(url: string | undefined): string | null {
  const tag = /\/releases\/tag\/([^/?#]+)$/.exec(url ?? '')?.[1]
  return tag === undefined ? null : decodeURIComponent(tag)
}
