import type { ListedBackup } from '../core/backup.ts'
import { recordPath } from '../core/backup-names.ts'
import type { Facts } from '../core/facts.ts'
import { GITHUB_API, GITHUB_TOKENS, repositoryOf, safeApi, versionOfBundle, versionOfTag } from '../core/github.ts'
import type { GitHubPlace } from '../core/github.ts'
import { valueOr } from '../core/known.ts'
import type { Hold, Plan } from '../core/plan.ts'
import type { Project } from '../core/project.ts'
import type { Decided } from './decided.ts'
import { publishSteps, recordSteps } from './publish-steps.ts'
import { planned } from './planned.ts'

/** What the environment says of GitHub: the API's address, and the variable that holds a token; null for none. */
export type GitHubGiven = { api: string | null; token: string | null }

export type PublishRequest = { tag: string; recordUrl: boolean }

/** Publishes the bundle of a tag's version as a GitHub Release, or only writes that release's address into its lock file. */
export function planPublish(
  project: Project,
  facts: Facts,
  request: PublishRequest,
  given: GitHubGiven,
  decided: Decided,
): Plan {
  const { tag, recordUrl } = request
  const holds: Hold[] = []
  const place = placeOf(project, facts, given, holds)
  if (given.token === null)
    holds.push({
      id: 'token',
      why: `${project.github.token ?? GITHUB_TOKENS.join(' or ')} is not set`,
      fix: `set ${project.github.token ?? GITHUB_TOKENS[0]} to a token with \`contents: write\``,
    })
  const bundle = bundleOf(facts, tag, holds)
  const name = { path: bundle?.path ?? '', name: project.backups.bundle.name, version: versionOfTag(tag) }
  const made = holds.length > 0 || bundle === null ? null : { place, tag, of: name, commit: bundle.commit }
  return planned(decided, {
    op: 'publish',
    title: recordUrl ? `Record the release of ${tag}` : `Publish ${tag}`,
    request: { tag, recordUrl },
    names: { tag, bundle: bundle?.id ?? '', repository: place.repository },
    holds,
    // What people may have read is not taken back.
    certifiedBy: recordUrl ? null : 'publish',
    audit: {
      required: !recordUrl,
      event: recordUrl ? 'publish.record' : 'publish',
      subject: tag,
      detail: {
        bundle: bundle?.id ?? '',
        sha256: bundle?.digest ?? '',
        url: { $: recordUrl ? 'look.url' : 'draft.url' },
      },
    },
    locks: true,
    steps: made === null ? [] : recordUrl ? recordSteps(made) : publishSteps(made),
  })
}

/** Where the project is on GitHub; what is not known, or not safe, is held. */
export function placeOf({ github, git }: Project, facts: Facts, given: GitHubGiven, holds: Hold[]): GitHubPlace {
  const api = (github.api ?? given.api ?? GITHUB_API).replace(/\/+$/, '')
  const url = facts.git.ok ? (facts.git.value.remote?.url ?? '') : ''
  const found = repositoryOf(url)
  // Another host's repository of the same name is not the one on github.com.
  const elsewhere =
    found !== null && found.host !== 'github.com' && found.host !== 'ssh.github.com' && api === GITHUB_API
  const repository = github.repository ?? (elsewhere ? null : (found?.repository ?? null))
  if (repository === null)
    holds.push({
      id: 'repository',
      why: `${git.remote} does not say which repository on GitHub this is`,
      fix: 'name it in knowngood.yaml: github: { repository: owner/name }',
    })
  if (!safeApi(api))
    holds.push({ id: 'api', why: `no token is sent to ${api}`, fix: 'GITHUB_API_URL takes an https: address' })
  return { repository: repository ?? '', api, token: given.token ?? GITHUB_TOKENS[0] }
}

/** The newest bundle of the tag's version, of the tag's own commit where the tag is known here. */
function bundleOf(facts: Facts, tag: string, holds: Hold[]): ListedBackup | null {
  const bundles = valueOr(facts.backups, [])
    .filter(({ kind }) => kind === 'bundle')
    .toSorted((a, b) => (a.at < b.at ? 1 : -1))
  const version = versionOfTag(tag)
  const fitting = bundles.filter((bundle) => versionOfBundle(bundle) === version)
  const commit = valueOr(facts.git, null)?.tags.find(({ name }) => name === tag)?.commit ?? null
  const own = fitting.find((bundle) => commit !== null && bundle.commit === commit)
  const bundle = own ?? fitting[0] ?? null
  const newest = bundles[0]
  const make = `knowngood bundle, where ${tag} is checked out`
  if (bundle === null && newest !== undefined)
    holds.push({
      id: 'version',
      why: `${tag} is not the version of a bundle: the newest is of ${versionOfBundle(newest) ?? newest.path}`,
      fix: make,
    })
  else if (bundle === null) holds.push({ id: 'bundle', why: `there is no bundle of ${version}`, fix: make })
  else if (bundle.state !== 'ok' || bundle.digest === '')
    holds.push({
      id: 'bundle',
      why: `${bundle.path}: ${bundle.because ?? `${recordPath('bundle', bundle.path)} is not there`}`,
      fix: make,
    })
  else if (commit !== null && bundle.commit !== null && bundle.commit !== commit)
    holds.push({
      id: 'commit',
      why: `${tag} stands on ${commit.slice(0, 7)}, the bundle is of ${bundle.commit.slice(0, 7)}`,
      fix: make,
    })
  return bundle
}
