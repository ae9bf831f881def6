import { rm } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { StepFailed } from '../core/failure.ts'
import type { CallRegistry, Io } from '../core/plan.ts'
import { readText, writeWhole } from '../world/files.ts'
import { openGit } from '../world/git.ts'
import { addWorktree, removeWorktree, worktreeAt } from '../world/git-worktree.ts'

type Tree = { path: string; commit: string }
type Stamp = { path: string; stamps: { file: string; text: string }[]; buildId: string }

const marker = (path: string) => `${path}.built`

/** The clean checkout a release is built in. */
export const buildCalls = {
  'worktree.add': async ({ path, commit }: Tree, io: Io) => {
    const git = openGit(io.root)
    await drop(io.root, path)
    await addWorktree(git, path, commit, io.signal)
    return { path }
  },

  'worktree.remove': async ({ path }: { path: string }, io: Io) => {
    await drop(io.root, path)
    return {}
  },

  /** A checkout without the mark that its build came to its end is half a build. */
  'worktree.probe': async ({ path, commit }: Tree, io: Io) => {
    const at = await worktreeAt(openGit(io.root), path)
    const built = await readText(marker(path))
    if (at === commit && built === commit) return { state: 'done', saw: { at }, gives: { path } }
    return { state: at === null && built === null ? 'absent' : 'partial', saw: { at, built } }
  },

  /** Replaces the stamp that stands there, or adds one before the end of the body, or at the end of the file. */
  'stamp.write': async ({ path, stamps, buildId }: Stamp, io: Io) => {
    for (const { file, text } of stamps) {
      const whole = join(path, file)
      if (!whole.startsWith(path + sep)) throw new StepFailed('stamp', `${file} is outside the checkout`)
      const before = await readText(whole)
      if (before === null)
        throw new StepFailed('stamp', `${file} is not in the checkout, so the BUILD_ID cannot be written`)
      await writeWhole(whole, stamped(before, text, buildId), { mode: 0o644 })
      io.line(`BUILD_ID ${buildId} in ${file}`)
    }
    return {}
  },

  'migrate.probe': async () => {
    return { state: 'unknown', saw: { because: 'only the database can tell how far the migration came' } }
  },

  'build.mark': async ({ path, commit }: Tree) => {
    await writeWhole(marker(path), commit)
    return { path }
  },
} satisfies CallRegistry

/** The text with the stamp of this BUILD_ID, once. */
function stamped(before: string, template: string, buildId: string): string {
  const text = template.replaceAll('{id}', () => buildId)
  const [head = '', tail = ''] = template.split('{id}')
  const from = before.indexOf(head)
  const to = from < 0 || head === '' ? -1 : before.indexOf(tail === '' ? '\n' : tail, from + head.length)
  if (to >= 0) return before.slice(0, from) + text + before.slice(to + tail.length)
  const body = before.lastIndexOf('</body>')
  if (body >= 0) return `${before.slice(0, body)}${text}\n${before.slice(body)}`
  return `${before}${before === '' || before.endsWith('\n') ? '' : '\n'}${text}\n`
}

async function drop(root: string, path: string): Promise<void> {
  await removeWorktree(openGit(root), path)
  await rm(marker(path), { force: true })
}
