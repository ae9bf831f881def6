import type { Git } from './git.ts'

/** A ref as it stands here. `commit` is what it leads to in the end; null for a tag on something else. */
export type RefFact = {
  ref: string
  oid: string
  kind: 'commit' | 'tag' | 'tree' | 'blob'
  commit: string | null
  /** Tagger's or committer's date, ISO 8601 with its zone. */
  at: string
  /** Tagger's name, or the author's of a commit. */
  by: string
  subject: string
  message: string
}

/** A ref by its full name, and the object it points at. */
export type NamedRef = Pick<RefFact, 'ref' | 'oid'>

/** Every ref under these full names or prefixes, without a look at the objects: twice as fast as `readRefs`. */
export async function readRefNames(git: Git, under: readonly string[]): Promise<NamedRef[]> {
  const out = await git.raw(['for-each-ref', '--format=%(objectname) %(refname)', '--', ...under])
  return out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const gap = line.indexOf(' ')
      return { oid: line.slice(0, gap), ref: line.slice(gap + 1) }
    })
}

const FIELDS = [
  'refname',
  'objectname',
  'objecttype',
  '*objectname',
  '*objecttype',
  'creatordate:iso-strict',
  'taggername',
  'authorname',
  'contents:subject',
  'contents',
]
/** NUL cannot stand in a ref, a name or a message, so nothing needs escaping. */
const FORMAT = `${FIELDS.map((field) => `%(${field})`).join('%00')}%00`

/** Every ref under these full names or prefixes ("refs/tags"), read by one git command. */
export async function readRefs(git: Git, under: readonly string[]): Promise<RefFact[]> {
  const out = await git.raw(['for-each-ref', `--format=${FORMAT}`, '--', ...under])
  const cells = out.split('\0')
  const refs: RefFact[] = []
  for (let i = 0; i + FIELDS.length < cells.length; i += FIELDS.length) {
    const [
      ref = '',
      oid = '',
      kind = '',
      to = '',
      toKind = '',
      at = '',
      tagger = '',
      author = '',
      subject = '',
      message = '',
    ] = cells.slice(i, i + FIELDS.length)
    const commit = kind === 'commit' ? oid : toKind === 'commit' ? to : null
    refs.push({
      ref: ref.trimStart(),
      oid,
      kind: kind as RefFact['kind'],
      commit,
      at,
      by: tagger || author,
      subject,
      message,
    })
  }
  return refs
}

/** The object a full ref name points at, here; null when there is no such ref. */
export async function readRef(git: Git, ref: string): Promise<string | null> {
  return parse(git, fullRef(ref))
}

/** The commit that a person's words name: an id, a short id, a branch, a tag; null when there is none. */
export async function resolveCommit(git: Git, name: string): Promise<string | null> {
  return name === '' ? null : parse(git, `${name}^{commit}`)
}

/** Asked through standard input: no words can be an option there, and an answer comes for what does not exist, too. */
async function parse(git: Git, name: string): Promise<string | null> {
  if (/[\n\0]/.test(name)) return null
  const said = await git.raw(['cat-file', '--batch-check=%(objectname)'], { input: `${name}\n` })
  return /^([0-9a-f]{40,64})\n$/.exec(said)?.[1] ?? null
}

/** Points a ref at `to`, only if it stands at `expect` now (null: does not exist). Throws GitFailed when it does not. */
export async function updateRef(git: Git, ref: string, to: string, expect: string | null): Promise<void> {
  await git.raw(['update-ref', '--no-deref', fullRef(ref), to, expect ?? '0'.repeat(to.length)])
}

/** Removes a ref, only if it stands at `expect` now. */
export async function deleteRef(git: Git, ref: string, expect: string): Promise<void> {
  await git.raw(['update-ref', '--no-deref', '-d', fullRef(ref), expect])
}

/** Whether git would take this as a ref's full name. */
export async function isRefName(git: Git, ref: string): Promise<boolean> {
  if (!ref.startsWith('refs/')) return false
  try {
    await git.raw(['check-ref-format', ref])
    return true
  } catch {
    return false
  }
}

/** Only full names are passed on: `--output=pwn` can be a branch, `refs/heads/--output=pwn` cannot be an option. */
export function fullRef(ref: string): string {
  if (!ref.startsWith('refs/')) throw new Error(`${ref} is not a full ref name`)
  return ref
}
