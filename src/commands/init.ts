import { join } from 'node:path'
import { detect, type Detector, type GitView } from '../config/detect.ts'
import type { Draft } from '../config/draft.ts'
import { readGitFolder } from '../config/git-folder.ts'
import { readGiven } from '../config/given.ts'
import { findRoot } from '../config/load.ts'
import { parseConfig } from '../config/read-config.ts'
import { lookAround } from '../config/repo-view.ts'
import { configText } from '../config/write.ts'
import { EXIT, messageOf, UserError } from '../core/failure.ts'
import { clean } from '../core/text.ts'
import { readText, writeNew, writeWhole } from '../world/files.ts'
import { openGit } from '../world/git.ts'
import { kindAt } from '../world/permissions.ts'
import { type Options, type Report, type RunCommand, textOption } from './command.ts'
import type { Context } from './context.ts'
import { initCi } from './init-ci.ts'
import { initHooks } from './init-hooks.ts'
import { initSchedule } from './init-schedule.ts'
import { ignoreOwnFolders } from './init-ignore.ts'
import { question } from './question.ts'

/** `knowngood init`: reads the repository, writes one file, adds lines to `.gitignore`; runs nothing it finds. */
export const run: RunCommand = async (context, _args, options) => {
  const besides = await filesBesides(context, options)
  if (besides !== null) return besides
  const root = await findRoot(context.cwd)
  const draft = await draftFor(root)
  const text = configText(draft)
  // The file must be one that Knowngood itself takes; if not, that is our bug and nothing is written.
  await parseConfig(text)
  const file = join(root, 'knowngood.yaml')
  await refuseExisting(file)
  const ignore = ignoreOwnFolders(await readText(join(root, '.gitignore')))
  const found = draft.found.flatMap(({ what, where }) =>
    what === null ? [] : [{ what: clean(what), where: clean(where) }],
  )
  const data = { found, unsure: draft.unsure.map(clean), ignored: ignore.added, file, text }
  const lines = findings(draft)
  if (context.dryRun) {
    const would = [
      '',
      `Would write ${file}:`,
      '',
      ...text.trimEnd().split('\n'),
      ...gitignoreLine('Would add', ignore.added),
    ]
    return { exit: EXIT.done, data: { ...data, dryRun: true, written: [] }, lines: [...lines, ...would] }
  }
  if (context.interactive && options['yes'] !== true) await ask(lines, context.signal)
  if (!(await writeNew(file, text, { mode: 0o644 }))) await refuseExisting(file)
  if (ignore.text !== null) await writeIgnore(join(root, '.gitignore'), ignore.text)
  const written = ['knowngood.yaml', ...(ignore.text === null ? [] : ['.gitignore'])]
  const next = [
    '',
    'Wrote knowngood.yaml.',
    ...gitignoreLine('Added', ignore.added),
    'Next: read it, then knowngood doctor.',
  ]
  return {
    exit: EXIT.done,
    data: { ...data, written },
    lines: context.interactive && options['yes'] !== true ? next.slice(1) : [...lines, ...next],
  }
}

/** What is asked for besides a configuration, and is written without one; null where nothing is. */
async function filesBesides(context: Context, options: Options): Promise<Report | null> {
  const by = textOption(options, 'schedule')
  const reports: Report[] = []
  if (options['ci'] === true) reports.push(await initCi(context))
  if (by !== null) reports.push(await initSchedule(context, by))
  if (options['hooks'] === true) reports.push(await initHooks(context))
  const [only] = reports
  if (only === undefined || reports.length === 1) return only ?? null
  const written = reports.flatMap(({ data }) => (Array.isArray(data['written']) ? data['written'] : []))
  return { exit: EXIT.done, data: { written }, lines: reports.flatMap(({ lines }) => lines) }
}

async function draftFor(root: string): Promise<Draft> {
  const { sources } = await import('../sources/registry.ts')
  const { targets } = await import('../targets/registry.ts')
  const detectors: Detector[] = Object.values(sources)
  return await detect(await lookAround(root), await gitView(root), detectors, Object.values(targets))
}

async function gitView(root: string): Promise<GitView> {
  const folder = await readGitFolder(root)
  const { remote, branch, project } = await readGiven(root)
  const url = folder.remotes[remote]
  const git = openGit(root)
  // What git cannot read is not drafted as if it were empty.
  await git.raw(['rev-parse', '--git-dir'])
  const answer = async (...args: string[]) => (await git.raw(args).catch(() => '')).trim()
  const [head, shallow, tags] = await Promise.all([
    answer('rev-parse', '--verify', '--quiet', 'HEAD'),
    answer('rev-parse', '--is-shallow-repository'),
    answer('tag', '--list'),
  ])
  const isRemoteHead = url !== undefined && (await folder.remoteHead(remote)) === branch
  return {
    project,
    remote: url === undefined ? null : remote,
    branch,
    branchFrom: isRemoteHead
      ? `the default branch of ${remote}`
      : branch === folder.checkedOut
        ? 'checked out here'
        : 'assumed',
    checkedOut: folder.checkedOut,
    hasCommits: head !== '',
    missing: head === '' && (await folder.hasRemoteBranch(remote, branch)),
    shallow: shallow === 'true',
    tags: tags === '' ? [] : tags.split('\n'),
    hosts: hostsAmong(folder.remotes, remote),
  }
}

/** Remotes that go by what they are, and are no forge: there a push is a release. */
function hostsAmong(remotes: Record<string, string>, shared: string): { name: string; url: string }[] {
  const named = /^(?:production|prod|live|deploy|dokku|heroku|piku)$/i
  const forge = /\b(?:github\.com|gitlab\.|bitbucket\.|codeberg\.org|dev\.azure\.com)/i
  return Object.entries(remotes).flatMap(([name, url]) =>
    name !== shared && named.test(name) && !forge.test(url) ? [{ name, url: url.replace(/\/\/[^/@]*@/, '//') }] : [],
  )
}

async function refuseExisting(file: string): Promise<void> {
  if ((await kindAt(file)) === 'nothing') return
  throw new UserError('There is a knowngood.yaml already', `init never overwrites it: ${file}`, [
    'knowngood doctor checks it.',
    'To start again: move it away, then knowngood init.',
  ])
}

function findings(draft: Draft): string[] {
  const found = draft.found.filter((one) => one.what !== null)
  const wide = Math.min(44, Math.max(0, ...found.map((one) => clean(one.what ?? '').length)))
  return [
    'Found',
    ...found.map((one) => `  ${clean(one.what ?? '').padEnd(wide)}  ${clean(one.where)}`),
    ...(draft.unsure.length === 0 ? [] : ['', 'Not known', ...draft.unsure.map((line) => `  ${clean(line)}`)]),
  ]
}

function gitignoreLine(verb: string, added: readonly string[]): string[] {
  return added.length === 0 ? [] : [`${verb} to .gitignore: ${added.join(', ')}`]
}

async function ask(lines: readonly string[], signal: AbortSignal): Promise<void> {
  const answer = await question(`${lines.map(clean).join('\n')}\n\nWrite knowngood.yaml? Y to go on: `, signal)
  if (!/^y(?:es)?$/i.test(answer.trim()))
    throw new UserError('Left without writing', 'you did not answer Y', ['Nothing has changed.'], EXIT.held)
}

async function writeIgnore(path: string, text: string): Promise<void> {
  await writeWhole(path, text, { mode: 0o644 }).catch((error: unknown) => {
    throw new UserError('knowngood.yaml was written, .gitignore was not', messageOf(error), [
      'Add .knowngood/ and backups/ to it by hand.',
    ])
  })
}
