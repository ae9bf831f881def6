import type { BackupKind } from './backup.ts'

/**
 * How a kind of backup lies on disk. pointer: one JSON. exports: a JSON and the files it names beside it. archive: one
 * file with its record beside it. folder: a directory that explains itself.
 */
type Shape = 'pointer' | 'exports' | 'archive' | 'folder'

/** `id` is what a backup of the kind is called by: milliseconds, a UTC timestamp, the release's tag, or a given name. */
export type KindSpec = {
  kind: BackupKind
  shape: Shape
  id: 'ms' | 'timestamp' | 'tag' | 'name'
  /** Whether an operator makes it: `prod` is made by deploys only. */
  asked: boolean
  /** Sentences without a full stop, as screens and the documentation show them. */
  saves: string
  best: string
  risk: string
}

/** Every kind there is, in the order screens and help show them. */
export const KINDS: Readonly<Record<BackupKind, KindSpec>> = {
  quick: {
    kind: 'quick',
    shape: 'pointer',
    id: 'ms',
    asked: true,
    saves: 'the commit that is live, kept safe from garbage collection here and on the remote',
    best: 'before every deploy: instant, and a rollback to it needs no copying',
    risk: 'holds no data: what users wrote cannot be brought back with it',
  },
  full: {
    kind: 'full',
    shape: 'exports',
    id: 'ms',
    asked: true,
    saves: 'the commit that is live, and every database as it is now',
    best: 'before a deploy that migrates or touches data',
    risk: 'what is written after it is lost when it is restored',
  },
  site: {
    kind: 'site',
    shape: 'archive',
    id: 'timestamp',
    asked: true,
    saves: 'the whole working tree, untracked files included, as one plain zip',
    best: 'once a day, and before the tree is cleaned up',
    risk: 'holds no database; files with secret values are left out and named',
  },
  prod: {
    kind: 'prod',
    shape: 'archive',
    id: 'tag',
    asked: false,
    saves: 'the exact artefact of a deploy, made by the deploy itself',
    best: 'a rollback that puts back the very bytes that were live',
    risk: 'holds no data',
  },
  release: {
    kind: 'release',
    shape: 'folder',
    id: 'timestamp',
    asked: true,
    saves: 'databases, code by part, environment and migration state, in one folder that explains itself',
    best: 'the backup of every release: it can be restored without Knowngood',
    risk: 'takes as long and as much room as the databases do',
  },
  bundle: {
    kind: 'bundle',
    shape: 'archive',
    id: 'timestamp',
    asked: true,
    saves: 'the tracked sources of one commit, byte for byte reproducible, with a lock file and checksums',
    best: 'publishing a release, and proving later what was in it',
    risk: 'holds neither data nor untracked files',
  },
  data: {
    kind: 'data',
    shape: 'archive',
    id: 'timestamp',
    asked: true,
    saves: 'a runtime folder, as a tarball on a mounted drive, encrypted when configured',
    best: 'runtime state that no database holds',
    risk: 'the drive must be mounted; without its key an encrypted one is lost',
  },
  dump: {
    kind: 'dump',
    shape: 'exports',
    id: 'timestamp',
    asked: true,
    saves: 'every database, quickly and nothing else',
    best: 'daily, between releases',
    risk: 'knows nothing of the code that wrote the data but its schema revision',
  },
  set: {
    kind: 'set',
    shape: 'folder',
    id: 'name',
    asked: true,
    saves: 'databases, images and the repository under one name, Redis when asked',
    best: 'before risky work',
    risk: 'large; the oldest go when there are more than are kept',
  },
  baseline: {
    kind: 'baseline',
    shape: 'folder',
    id: 'name',
    asked: false,
    saves: 'what a set saves, frozen: never modified, never pruned',
    best: 'the state to return to when nothing else can be trusted',
    risk: 'everything written since it was made is lost when it is restored',
  },
}

/** The kinds an operator may make by `backup KIND`. */
export const ASKED_KINDS: readonly BackupKind[] = Object.values(KINDS).flatMap(({ kind, asked }) =>
  asked ? [kind] : [],
)
