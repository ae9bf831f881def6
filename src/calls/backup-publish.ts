import { resolve } from 'node:path'
import type { PublishInput } from '../core/backup-input.ts'
import { exportPaths, idOf, pathOf, recordPath } from '../core/backup-names.ts'
import type { BackupName } from '../core/backup-names.ts'
import type { BackupRecord, Part } from '../core/backup.ts'
import { StepFailed } from '../core/failure.ts'
import { KINDS } from '../core/kinds.ts'
import type { JsonRecord } from '../core/json.ts'
import type { CallRegistry, Io } from '../core/plan.ts'
import { joinRevisions } from '../core/schema-revision.ts'
import { appendHashed, proofsOf } from '../records/proofs.ts'
import type { Published } from '../records/published.ts'
import { publishedBy } from '../records/published.ts'
import { removeExports } from '../records/publish-exports.ts'
import { addBackup } from '../records/session.ts'
import { now } from '../world/clock.ts'
import { exists } from '../world/files.ts'
import { removeTree } from '../world/remove-tree.ts'
import { holdCommit, releaseCommit, subjectOf } from './hold-commit.ts'
import { checkStaged } from './backup-floor.ts'
import { publisherOf } from './publishers.ts'

/** The end of every backup: looked at once more, its commit held, given its name whole, proven, noted in the session. */
export const backupPublishCalls = {
  'backup.publish': async (input: PublishInput, io: Io) => {
    const made = (await publishedBy(io.root, input.name, io.run)) ?? (await publish(input, io))
    await finish(input, io, made)
    return gives(made)
  },

  'backup.published': async (input: PublishInput, io: Io) => {
    const made = await publishedBy(io.root, input.name, io.run)
    if (made === null) return { state: 'absent', saw: null }
    const proven = (await proofsOf(io.root, made.id)).some(({ digest }) => digest === made.digest)
    // What follows its name is done again by the same call; half of it counts as nothing.
    return { state: proven ? 'done' : 'absent', saw: { path: made.path, proven }, gives: gives(made) }
  },

  /** A finished backup is never undone; one that was not finished leaves neither export nor reference. */
  'backup.unpublish': async (input: PublishInput, io: Io) => {
    if ((await publishedBy(io.root, input.name, io.run)) !== null) return {}
    const { name, draft, remote, holdsCommit } = input
    // Whatever has that name now is somebody else's, its exports and its reference too.
    if (await exists(markOf(io, name, name.first))) return {}
    const parts = input.captured.flatMap((one) => one?.parts ?? [])
    if (KINDS[name.kind].shape === 'exports')
      await removeExports(io.root, input.stage, { paths: exportPaths(name, name.first, parts), parts })
    if (holdsCommit && draft.commit !== null) await releaseCommit(io, idOf(name, name.first), draft.commit, remote)
    return {}
  },
} satisfies CallRegistry

const gives = ({ id, commit, path, at, bytes, digest, exports }: Published): JsonRecord => ({
  id,
  commit,
  path,
  at,
  bytes,
  sha256: digest,
  exports,
})

/** What stands where a name is taken: the folder, or the record. */
function markOf(io: Io, name: BackupName, n: number): string {
  const path = pathOf(name, n)
  return resolve(io.root, KINDS[name.kind].shape === 'folder' ? path : recordPath(name.kind, path))
}

/** Under the first free name; whoever else took one meanwhile keeps it. */
async function publish(planned: PublishInput, io: Io): Promise<Published> {
  const { name, holdsCommit, remote } = planned
  const parts = await checkStaged(planned, io)
  const { commit, commitSubject } = planned.draft
  const subject = commit === null ? commitSubject : await subjectOf(io, commit, commitSubject)
  const input = { ...planned, draft: { ...planned.draft, commitSubject: subject } }
  for (let n = name.first; n < name.first + 100; n += 1) {
    const mark = markOf(io, name, n)
    if (await exists(mark)) continue
    const record = recordOf(input, io, n, parts)
    if (holdsCommit && commit !== null) await holdCommit(io, record.id, commit, remote)
    const made = await publisherOf(input)(input, io, record, n)
    if (made !== null) return made
    // The reference of a name that was taken meanwhile is held for whoever took it.
    if (holdsCommit && commit !== null && !(await exists(mark))) await releaseCommit(io, record.id, commit, remote)
  }
  throw new StepFailed('backup', `${pathOf(name, name.first)} and a hundred names after it are taken`)
}

async function finish(input: PublishInput, io: Io, made: Published): Promise<void> {
  const { session, stage } = input
  await appendHashed(io.root, made.id, made.digest)
  if (session !== null) await addBackup(io.root, made.id, session)
  await removeTree(resolve(stage))
}

function recordOf(input: PublishInput, io: Io, n: number, parts: Part[]): BackupRecord {
  const { name, captured } = input
  const { commitFrom: _, schemas, ...draft } = input.draft
  const inSnapshot = parts.flatMap(({ source, schema }) => (schema === undefined ? [] : [[source, schema] as const]))
  const leftOut = captured.flatMap((one) => one.leftOut)
  const doubts = captured.flatMap((one) => one.doubts)
  const ms = now().getTime() - Date.parse(draft.at)
  return {
    schema: 1,
    ...draft,
    id: idOf(name, n),
    origin: 'knowngood',
    run: io.run,
    schemaRevision: joinRevisions({ ...schemas, ...Object.fromEntries(inSnapshot) }),
    path: pathOf(name, n),
    parts,
    bytes: parts.reduce((sum, part) => sum + part.bytes, 0),
    digest: '',
    ...(leftOut.length === 0 ? {} : { leftOut }),
    ...(doubts.length === 0 ? {} : { doubts }),
    ...(ms >= 0 ? { ms } : {}),
  }
}
