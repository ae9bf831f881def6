import { join } from 'node:path'
import { EXIT, UserError } from '../core/failure.ts'
import { repositoryOf } from '../core/github.ts'
import type { Project } from '../core/project.ts'
import { version } from '../version.ts'
import { readText, writeNew } from '../world/files.ts'
import { openGit } from '../world/git.ts'
import { anyRemoteUrl } from '../world/git-remote.ts'
import type { Report } from './command.ts'
import type { Context } from './context.ts'
import { releaseWorkflow, WORKFLOW } from './release-workflow.ts'

/** `knowngood init --ci`: writes the workflow that a version tag starts, and nothing else. A different file there is left as it is. */
export async function initCi(context: Context): Promise<Report> {
  const project = await context.project()
  const file = join(project.root, WORKFLOW)
  const text = await workflowFor(project)
  const there = await readText(file)
  const badge = await badgeLine(project)
  const data = { file, text, badge }
  if (there === text)
    return {
      exit: EXIT.done,
      data: { ...data, written: [] },
      lines: [`${WORKFLOW} is there already, as it should be.`],
    }
  if (there !== null) throw another()
  if (context.dryRun) {
    const lines = [`Would write ${file}:`, '', ...text.trimEnd().split('\n')]
    return { exit: EXIT.done, data: { ...data, dryRun: true, written: [] }, lines }
  }
  if (!(await writeNew(file, text, { mode: 0o644 }))) throw another()
  return {
    exit: EXIT.done,
    data: { ...data, written: [WORKFLOW] },
    lines: [
      `Wrote ${WORKFLOW}.`,
      ...(badge === null ? [] : ['Its badge, for the README:', `  ${badge}`]),
      'Next: commit it; then git tag v1.2.3 and push the tag.',
    ],
  }
}

function another(): UserError {
  return new UserError(`${WORKFLOW} is there already and says something else`, 'init never overwrites it', [
    'Move it away, then knowngood init --ci.',
  ])
}

async function workflowFor({ root, backups }: Project): Promise<string> {
  return releaseWorkflow({ bundles: backups.bundle.dir, ...(await howToStart(root)) })
}

/** How a workflow calls Knowngood, and whether npm has a lock file to install by. */
export async function howToStart(root: string): Promise<{ knowngood: string; npm: boolean }> {
  const [manifest, lock] = await Promise.all([
    readText(join(root, 'package.json')),
    readText(join(root, 'package-lock.json')),
  ])
  // Where the project has it among its own packages, that one; else this very version.
  const own = lock !== null && /"knowngood"\s*:/.test(manifest ?? '')
  const knowngood = own ? 'npx --no-install knowngood' : `npx --yes knowngood@${version}`
  return { knowngood, npm: lock !== null }
}

async function badgeLine({ root, git, github }: Project): Promise<string | null> {
  const remote = await anyRemoteUrl(openGit(root), git.remote)
  const repository = github.repository ?? repositoryOf(remote ?? '')?.repository
  if (repository === undefined) return null
  const page = `https://github.com/${repository}/actions/${WORKFLOW.replace('.github/', '')}`
  return `[![release](${page}/badge.svg)](${page})`
}
