import { detectChecks } from './detect-checks.ts'
import { detectHosts } from './detect-hosts.ts'
import { detectMigrations } from './detect-migrations.ts'
import { detectPage } from './detect-page.ts'
import { detectCode, detectRuntime } from './detect-parts.ts'
import { detectRecords } from './detect-records.ts'
import { detectTags } from './detect-tags.ts'
import type { Draft, Finding } from './draft.ts'
import { packageOf, packageProblem } from './package-json.ts'
import { shortened, type Plugged } from './plugged.ts'
import { plainPath, type Look } from './repo-view.ts'

const RELEASE_BACKUP = 'earlier release backup'

/** What git says about the clone; `null` for what it has not. */
export type GitView = {
  project: string
  remote: string | null
  branch: string
  branchFrom: string
  checkedOut: string | null
  hasCommits: boolean
  /** The branch stands on the remote alone. */
  missing: boolean
  shallow: boolean
  tags: readonly string[]
  /** Remotes beside it that are called by what they do, such as `production`: what is pushed there goes live. */
  hosts: readonly { name: string; url: string }[]
}

/** A source that knows how to recognise itself, and is called by what it holds. */
export type Detector = Plugged & { holds: string }

/** Reads a repository and drafts its configuration. Runs nothing it finds. */
export async function detect(
  look: Look,
  git: GitView,
  sources: readonly Detector[],
  targets: readonly Plugged[],
): Promise<Draft> {
  const recognised = await sourcesPart(look, sources)
  const names = new Set(recognised.found.flatMap(({ key }) => key?.[1] ?? []))
  const parts = [
    gitPart(git),
    detectTags(git.tags),
    await versionPart(look),
    recognised,
    detectCode(look),
    await detectRuntime(look, names),
    detectMigrations(look),
    await detectRecords(look, recognised.found),
    await detectChecks(look),
    await detectPage(look),
    foldersPart(look),
    await detectHosts(look, git, targets),
    submodulesPart(look),
  ]
  const found = parts.flatMap((part) => part.found)
  const unsure = parts.flatMap((part) => part.unsure)
  if (look.cut) unsure.push('The repository is large; only its first files were looked at.')
  return { found, unsure: [...new Set(unsure)] }
}

function gitPart(git: GitView): Draft {
  const found: Finding[] = [
    {
      key: ['project'],
      value: git.project,
      what: `project ${git.project}`,
      where: git.remote === null ? 'the folder name' : `the remote ${git.remote}`,
    },
    { key: ['environment'], value: 'production', what: null, where: 'assumed' },
    { key: ['git', 'branch'], value: git.branch, what: `branch ${git.branch}`, where: git.branchFrom },
  ]
  const unsure: string[] = []
  if (git.remote === null) {
    unsure.push(
      'There is no git remote: nothing can be pushed, and no lock is shared. Add one with git remote add origin URL.',
    )
    found.push({ key: ['deploy', 'targets'], value: [], what: null, where: 'no remote to push to' })
  } else {
    found.push({ key: ['git', 'remote'], value: git.remote, what: `remote ${git.remote}`, where: '.git/config' })
    found.push({
      key: ['deploy', 'targets'],
      value: [{ use: 'git-push' }],
      what: 'target git-push',
      where: `the remote ${git.remote}`,
    })
  }
  if (git.missing)
    unsure.push(`There is no branch ${git.branch} here, only ${git.remote}/${git.branch}: git switch ${git.branch}.`)
  else if (!git.hasCommits) unsure.push('There are no commits yet: nothing can be released.')
  else if (git.checkedOut === null) unsure.push('HEAD is detached: see that git.branch names the branch you release.')
  if (git.shallow) unsure.push('This clone is shallow: git fetch --unshallow, before the first backup.')
  return { found, unsure }
}

async function versionPart(look: Look): Promise<Draft> {
  const manifest = await look.read('package.json')
  if (manifest !== null && typeof packageOf(manifest)['version'] === 'string') {
    return {
      found: [{ key: ['version', 'file'], value: 'package.json', what: 'the version', where: 'package.json' }],
      unsure: [],
    }
  }
  const file = ['VERSION', 'VERSION.txt', 'version.txt'].find((path) => look.files.includes(path))
  const problem = packageProblem(manifest)
  const torn = `package.json cannot be read, so neither its version nor its scripts are known: ${problem}. Mend it, then look at version.file and gate.checks.`
  if (problem !== null && file === undefined) return { found: [], unsure: [torn] }
  if (file === undefined)
    return { found: [], unsure: ['No version was found: name a file with version.file, or releases carry none.'] }
  return { found: [{ key: ['version', 'file'], value: file, what: 'the version', where: file }], unsure: [] }
}

async function sourcesPart(look: Look, sources: readonly Detector[]): Promise<Draft> {
  const asked = sources.map(async (source) => (await source.detect(look)).map((one) => ({ source, one })))
  const all = (await Promise.all(asked)).flat()
  const found: Finding[] = []
  const unsure: string[] = []
  for (const [index, { source, one }] of all.entries()) {
    const name = source.holds
    const same = all.filter((other) => other.source.holds === name)
    const number = all.slice(0, index + 1).filter((other) => other.source.holds === name).length
    found.push({
      key: ['sources', same.length === 1 ? name : `${name}-${number}`],
      value: { use: source.use, ...shortened(source, one.options) },
      what: `source ${source.use}`,
      where: one.where,
      ...(one.unready === true ? { suggestion: true } : {}),
    })
    unsure.push(...one.unsure.map((what) => `${one.where} was found: ${what}.`))
  }
  return { found, unsure }
}

/** What teams kept before Knowngood; it stays where it is. */
function foldersPart(look: Look): Draft {
  const found: Finding[] = []
  const count = (pattern: RegExp) => look.files.filter((path) => pattern.test(path)).length
  const folders = (pattern: RegExp) => new Set(look.files.flatMap((path) => pattern.exec(path)?.[1] ?? [])).size
  const logs = look.files.filter((path) =>
    /^[^/]*(?:log|release|deploy)[^/]*\/\d{4}-\d{2}-\d{2}_[^/]+\.md$/i.test(path),
  )
  const dir = logs[0]?.split('/')[0]
  if (dir !== undefined && plainPath(dir)) {
    const what = `${logs.length} deploy ${logs.length === 1 ? 'log' : 'logs'}`
    found.push({ key: dir === 'deploy_logs' ? null : ['logs', 'dir'], value: dir, what, where: `${dir}/` })
  }
  const kept = [
    { what: 'earlier backup file', where: 'backups/', many: count(/^backups\/.+\.(?:json|zip)$/) },
    { what: RELEASE_BACKUP, where: 'backups/releases/', many: folders(/^backups\/releases\/([^/]+)\//) },
    { what: 'release bundle', where: 'releases/', many: count(/^releases\/[^/]+\.lock\.json$/) },
    { what: 'baseline', where: 'immaculate/', many: folders(/^immaculate\/([^/]+)\//) },
  ]
  for (const { what, where, many } of kept.filter((one) => one.many > 0)) {
    // A team that keeps them makes one with every release.
    const key = what === RELEASE_BACKUP ? ['deploy', 'backup'] : null
    found.push({ key, value: 'release', what: `${many} ${what}${many === 1 ? '' : 's'}`, where })
  }
  if (look.files.includes('.verification_audit.log')) {
    found.push({ key: null, value: null, what: 'an audit log to go on with', where: '.verification_audit.log' })
  }
  return { found, unsure: [] }
}

function submodulesPart(look: Look): Draft {
  const says =
    'what they hold is released by the commit they are pinned to, and is not backed up here; a build that needs it begins with [git, submodule, update, --init] in build.run'
  return { found: [], unsure: look.files.includes('.gitmodules') ? [`There are submodules: ${says}.`] : [] }
}
