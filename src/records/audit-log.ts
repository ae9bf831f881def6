import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { basename } from 'node:path'
import { ANEW, auditRows, auditText, OWN_ANCHOR, verifyChain } from '../core/audit-chain.ts'
import type { AuditAnchor, AuditEvent, AuditRow, AuditVerdict } from '../core/audit-chain.ts'
import { auditView } from '../core/audit-words.ts'
import type { AuditView } from '../core/deck.ts'
import { held, messageOf } from '../core/failure.ts'
import type { Json, JsonRecord } from '../core/json.ts'
import { isRunId } from '../core/naming.ts'
import { statePaths } from '../core/paths.ts'
import { shellWord } from '../core/shell.ts'
import { now } from '../world/clock.ts'
import { appendLine, codeOf, exists, readJson, readText, writeWhole } from '../world/files.ts'
import { mask } from '../world/secrets.ts'
import { withShortLock } from '../world/short-lock.ts'

const TAIL = 65_536

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex')
}

/**
 * Adds a line to the chain; on disk when it returns. Two writers queue behind a short lock, so the chain never forks.
 * Throws when the log cannot be written: who calls decides what must not happen then.
 */
export async function appendAudit(root: string, event: AuditEvent): Promise<{ hash: string }> {
  const paths = statePaths(root)
  return withShortLock(paths.shortLock('audit'), async () => {
    const last = await lastHash(root)
    const kept = last === null ? (await asides(root)).last : null
    const prev = kept === null ? last : await beginAnew(root, event, basename(kept))
    const text = auditText(masked(event), now().toISOString(), prev)
    await appendLine(paths.auditLog, text)
    const hash = sha256(text)
    // Only a witness: the line is written, so a failure here must not say that it is not.
    await writeWhole(paths.auditHead, `${JSON.stringify({ head: hash })}\n`).catch(() => undefined)
    return { hash }
  })
}

/** What to add to the name of a log that is broken, to keep it as evidence beside a new one: nothing has that name yet. */
export async function asideSuffix(root: string): Promise<string> {
  return (await asides(root)).free.slice(statePaths(root).auditLog.length)
}

/** The log that was kept aside last, and the name that is free for the next: evidence is never written over. */
async function asides(root: string): Promise<{ last: string | null; free: string }> {
  const first = `${statePaths(root).auditLog}.broken`
  let last: string | null = null
  for (let free = first, count = 2; ; free = `${first}-${count++}`) {
    if (!(await exists(free))) return { last, free }
    last = free
  }
}

/** That there was a log before this one, and who writes on without it, is its first line. */
async function beginAnew(root: string, { actor, host }: AuditEvent, kept: string): Promise<string> {
  const detail = { reason: `the log before it does not hold and was kept aside as ${kept}` }
  const line = { actor, host, run: null, ...ANEW, subject: kept, detail }
  const text = auditText(line, now().toISOString(), null)
  await appendLine(statePaths(root).auditLog, text)
  return sha256(text)
}

function masked(event: AuditEvent): AuditEvent {
  const { detail, ...rest } = event
  const safe = { ...rest, subject: mask(rest.subject) }
  return detail === undefined ? safe : { ...safe, detail: maskJson(detail) as JsonRecord }
}

function maskJson(value: Json): Json {
  if (typeof value === 'string') return mask(value)
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map(maskJson)
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, maskJson(inner)]))
}

/** Every line of the log, oldest first; empty when there is none. */
export async function readAudit(root: string): Promise<AuditRow[]> {
  return auditRows((await readText(statePaths(root).auditLog)) ?? '')
}

/** The newest lines in the words people read, newest first. Reads the end of the file only. */
export async function recentAudit(root: string, limit = 200): Promise<AuditView[]> {
  const text = await tail(statePaths(root).auditLog, limit * 1_024)
  return auditRows(text).slice(-limit).toReversed().map(auditView)
}

/** SHA-256 of our newest line, to be anchored in a tag's message; null before the first. */
export async function auditHead(root: string): Promise<string | null> {
  return lastHash(root)
}

/**
 * Follows the whole chain and looks for the anchored heads. One made by a run of this clone, and this clone's own note
 * of the newest line, must be found.
 */
export async function verifyAudit(root: string, anchors: readonly AuditAnchor[] = []): Promise<AuditVerdict> {
  const rows = await readAudit(root).catch((error: unknown) => {
    throw held('The audit log cannot be read', messageOf(error), [`Look at ${statePaths(root).auditLog}.`])
  })
  const noted = await notedHead(root)
  const own = noted === null ? [] : [{ name: OWN_ANCHOR, head: noted, here: true, run: null }]
  const placed = anchors.map(async (anchor) => ({ ...anchor, here: anchor.here || (await ranHere(root, anchor.run)) }))
  return verifyChain(rows, sha256, [...own, ...(await Promise.all(placed))])
}

async function ranHere(root: string, run: string | null): Promise<boolean> {
  return run !== null && isRunId(run) && exists(statePaths(root).journal(run))
}

/** Whether a line could be added now; null, or why not. Changes nothing. */
export async function auditBlocked(root: string): Promise<string | null> {
  const { auditLog } = statePaths(root)
  try {
    const handle = await open(auditLog, 'r+')
    await handle.close()
    return null
  } catch (error) {
    return codeOf(error) === 'ENOENT' ? null : messageOf(error)
  }
}

async function lastHash(root: string): Promise<string | null> {
  const { auditLog } = statePaths(root)
  const noted = await notedHead(root)
  const near = newest(await tail(auditLog, TAIL))
  if (near !== null && (noted === null || near === noted)) return near
  // A foreign flood, a crash between line and note, or a log that was cut: look at all of it.
  const hashes = (await readAudit(root)).flatMap((row) => (row.entry === null ? [] : [sha256(row.text)]))
  if (noted !== null && !hashes.includes(noted)) return noted
  return hashes.at(-1) ?? null
}

function newest(text: string): string | null {
  const row = auditRows(text).findLast(({ entry }) => entry !== null)
  return row ? sha256(row.text) : null
}

async function notedHead(root: string): Promise<string | null> {
  const value = await readJson(statePaths(root).auditHead).catch(() => null)
  const head = value !== null && typeof value === 'object' && 'head' in value ? value.head : null
  return typeof head === 'string' ? head : null
}

/** The last whole lines within `bytes` of the end. */
async function tail(path: string, bytes: number): Promise<string> {
  const handle = await open(path, 'r').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return null
    throw error
  })
  if (handle === null) return ''
  try {
    const stat = await handle.stat()
    if (!stat.isFile())
      throw held('The audit log cannot be read', `${path} is not a file`, [
        `Look at what stands there; to keep it aside: mv ${shellWord(path)} ${shellWord(`${path}.aside`)}`,
      ])
    const { size } = stat
    const start = Math.max(0, size - bytes)
    const buffer = Buffer.alloc(size - start)
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, start)
    const text = buffer.toString('utf8', 0, bytesRead)
    return start === 0 ? text : text.slice(text.indexOf('\n') + 1)
  } finally {
    await handle.close()
  }
}
