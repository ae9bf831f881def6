import { appendFile, copyFile, mkdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sha256File } from '../archive/checksum.ts'
import { loadProject } from '../config/load.ts'
import { auditText } from '../core/audit-chain.ts'
import type { BackupRecord, Part, Proof } from '../core/backup.ts'
import { projectText, PROJECT_FILE } from '../core/baseline.ts'
import { manifest } from '../core/manifest.ts'
import { namedSources } from '../plans/named-sources.ts'
import { appendProof } from '../records/proofs.ts'
import { publishFolder } from '../records/publish-folder.ts'
import { readWhole } from '../sources/sqlite/read-whole.ts'
import { sourceOf } from '../sources/registry.ts'
import { git } from './git.ts'
import type { History } from './history.ts'

const ID = 'immaculate-1'
const DAY = 86_400_000

/**
 * The baseline the team froze two days ago: what production holds, as `knowngood baseline create` lays it down, proven to
 * `restored` and told of in the audit log. So break glass works at once.
 */
export async function makeBaseline(
  root: string,
  env: Record<string, string>,
  now: Date,
  history: History,
): Promise<void> {
  const at = new Date(now.getTime() - 2 * DAY).toISOString()
  const stage = join(root, 'immaculate', `.${ID}.partial`)
  for (const folder of ['database', 'git']) await mkdir(join(stage, folder), { recursive: true, mode: 0o700 })
  const [project, database, repository] = await Promise.all([
    loadProject(root, env),
    databasePart(root, stage),
    repositoryParts(root, env, stage, history.live),
  ])
  const parts = [database, ...repository]
  const path = `immaculate/${ID}`
  const record: BackupRecord = {
    schema: 1,
    id: ID,
    kind: 'baseline',
    at,
    origin: 'knowngood',
    run: null,
    operator: 'ana',
    commit: history.live,
    commitSubject: history.releases.at(-1)?.title ?? null,
    branch: 'main',
    notes: 'chat and sign-in walked through',
    schemaRevision: database.schema ?? null,
    path,
    parts,
    bytes: parts.reduce((sum, part) => sum + part.bytes, 0),
    digest: '',
    ms: 336,
  }
  const sources = namedSources(project).map(({ name, use, options }) => {
    const source = sourceOf(use)
    const own = parts.filter((each) => each.source === name)
    return { name, use, commands: source === undefined ? [] : own.flatMap((each) => source.manual(options, each)) }
  })
  const digest = await publishFolder({
    stage,
    final: join(root, path),
    record,
    texts: { [PROJECT_FILE]: projectText(project) },
    manifest: (files) => manifest(record, project, sources, files),
    frozen: true,
    signal: new AbortController().signal,
  })
  if (digest === null) return
  const proof: Omit<Proof, 'part' | 'rung'> = { backup: ID, digest, at, passed: true, ms: 0 }
  await appendProof(root, { ...proof, part: '*', rung: 'hashed' })
  for (const { path: part, counts = {} } of parts)
    for (const rung of ['readable', 'restored'] as const) await appendProof(root, { ...proof, part, rung, counts })
  const told = {
    actor: 'ana',
    host: 'laptop',
    run: null,
    event: 'baseline.create',
    outcome: 'done',
    subject: ID,
  } as const
  const line = auditText({ ...told, detail: { id: ID, path, sha256: digest, commit: history.live } }, at, null)
  await appendFile(join(root, '.verification_audit.log'), `${line}\n`)
}

async function databasePart(root: string, stage: string): Promise<Part> {
  const path = 'database/database.db'
  await copyFile(join(root, 'data', 'mosaic.db'), join(stage, path))
  const read = readWhole({ file: join(stage, path), migrations: 'knex' })
  if ('because' in read) throw new Error(`The demo's database ${read.because}`)
  const schema = read.schema === null ? {} : { schema: read.schema }
  return { ...(await part(stage, 'database', 'sqlite', path)), counts: read.counts, ...schema }
}

async function repositoryParts(
  root: string,
  env: Record<string, string>,
  stage: string,
  live: string,
): Promise<Part[]> {
  const [head, bundle] = ['git/HEAD_COMMIT', 'git/repo.bundle'] as const
  const [refs, commits] = await Promise.all([
    git(root, env, ['for-each-ref', '--format=%(refname)']),
    git(root, env, ['rev-list', '--all', '--count']),
    git(root, env, ['bundle', 'create', '--quiet', join(stage, bundle), '--all']),
    writeFile(join(stage, head), `${live}\n`, { mode: 0o600 }),
  ])
  const counts = { refs: refs.split('\n').length, commits: Number(commits) }
  return [await part(stage, 'git', 'git', head), { ...(await part(stage, 'git', 'git', bundle)), counts }]
}

async function part(stage: string, source: string, use: string, path: string): Promise<Part> {
  const file = join(stage, path)
  return { source, use, path, bytes: (await stat(file)).size, sha256: await sha256File(file), unsettled: [] }
}
