import { appendFile, mkdir, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Git } from './git.ts'

/** `scratch` is a folder that is not there yet, and the caller's to remove. `whole`: also what `.gitattributes` keep out of archives. */
type Archive = {
  scratch: string
  tar: string
  commit: string
  pathspecs?: readonly string[]
  whole?: boolean
  signal: AbortSignal
}

/**
 * Archives a commit out of an empty repository that only borrows our objects: whatever this clone, this account or this
 * machine is configured to do to files on their way out does not reach it. Throws GitFailed when an object cannot be read.
 */
export async function archiveCommit(git: Git, of: Archive): Promise<void> {
  const { scratch, tar, commit, pathspecs = [], whole = false, signal } = of
  const objects = (await git.raw(['rev-parse', '--path-format=absolute', '--git-path', 'objects'])).trim()
  const alone = {
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_SYSTEM: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    LC_ALL: 'C',
    TZ: 'UTC',
  }
  const format = commit.length > 40 ? 'sha256' : 'sha1'
  await git.raw(['init', '--quiet', '--bare', `--object-format=${format}`, '--', scratch], { env: alone, signal })
  const info = join(scratch, 'info')
  await rm(info, { recursive: true, force: true })
  if (whole) {
    await mkdir(info)
    // These win over what the commit's own files say.
    await writeFile(join(info, 'attributes'), '* -export-ignore -export-subst\n')
  }
  await appendFile(join(scratch, 'config'), '[core]\n\tattributesFile = /dev/null\n[tar]\n\tumask = 0022\n')
  const env = { ...alone, GIT_DIR: scratch, GIT_ALTERNATE_OBJECT_DIRECTORIES: objects }
  const paths = pathspecs.length === 0 ? [] : ['--', '.', ...pathspecs]
  await git.raw(['archive', '--format=tar', `--output=${tar}`, commit, ...paths], { env, signal })
}

/** The patterns by which `.gitattributes` of a commit keep files out of archives of it, each behind the folder it counts from. */
export async function exportIgnored(git: Git, commit: string): Promise<string[]> {
  const files = (await git.raw(['ls-tree', '-r', '-z', '--name-only', commit])).split('\0')
  const found: string[] = []
  for (const file of files.filter((path) => basename(path) === '.gitattributes')) {
    const text = await git.raw(['cat-file', 'blob', `${commit}:${file}`])
    for (const line of text.split('\n')) {
      const pattern = /^\s*([^\s#].*?)\s(?:.*\s)?export-ignore(?:\s|$)/.exec(line)?.[1]
      if (pattern !== undefined) found.push(join(dirname(file), pattern))
    }
  }
  return found
}
