import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { lstat, open, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, extname, join, relative, resolve, sep } from 'node:path'
import { held, messageOf } from '../core/failure.ts'
import type { UserError } from '../core/failure.ts'
import type { GateItem } from '../core/facts.ts'
import { mediaKind } from '../core/media.ts'
import { slug } from '../core/naming.ts'
import { codeOf, exists, makeFolder, publishNew, refuseSymlink, temporaryBeside } from '../world/files.ts'
import { readUrl } from '../world/http.ts'
import { mask } from '../world/secrets.ts'

export type Evidence = GateItem['evidence'][number]

type Place = {
  root: string
  dir: string
  commit: string
  item: string
  visual: boolean
  signal?: AbortSignal | undefined
}

/**
 * Keeps what was brought as evidence: a file is copied to `<dir>/<commit>/` under its item's name, with its SHA-256; a
 * URL is fetched and its status, BUILD_ID and hash kept. Throws on the first that is neither.
 */
export async function keepEvidence(place: Place, sources: readonly string[]): Promise<Evidence[]> {
  const kept: Evidence[] = []
  for (const source of sources) kept.push(isUrl(source) ? await fetched(place, source) : await copied(place, source))
  return kept
}

function isUrl(text: string): boolean {
  return /^https?:\/\//i.test(text)
}

async function fetched(place: Place, url: string): Promise<Evidence> {
  const shown = mask(url)
  const answer = await readUrl(url, {
    timeoutMs: 30_000,
    redirect: 'follow',
    bust: false,
    ...(place.signal ? { signal: place.signal } : {}),
  }).catch((error: unknown) => {
    throw refused(shown, `it could not be fetched: ${mask(messageOf(error))}`)
  })
  if (answer.status >= 400) throw refused(shown, `it answered with status ${answer.status}`)
  const sha256 = createHash('sha256').update(answer.body).digest('hex')
  const buildId = /BUILD_ID:\s*([\w.-]+?)\s*(?:-->|["'<\s])/.exec(answer.body)?.[1] ?? null
  return { kind: 'url', from: shown, kept: null, sha256, status: answer.status, buildId }
}

async function copied(place: Place, from: string): Promise<Evidence> {
  // On a screen no shell has done it.
  const source = from.startsWith('~/') ? join(homedir(), from.slice(2)) : resolve(place.root, from)
  const folder = join(place.dir, place.commit)
  await plainFolders(place.root, folder)
  const target = join(folder, `${slug(place.item)}-${slug(basename(from, extname(from)))}${plainExtension(from)}`)
  const temporary = temporaryBeside(join(place.root, target))
  try {
    const { sha256, head } = await copyHashed(source, temporary, from)
    if (place.visual && mediaKind(head) === null)
      throw refused(from, 'it holds neither an image nor a video', 'Give a screenshot, a recording or an http(s) URL.')
    return { kind: 'file', from: mask(from), kept: await publish(place.root, temporary, target, sha256), sha256 }
  } finally {
    await rm(temporary, { force: true })
  }
}

/** Reads the source once, without following a link, into a file of our own. */
async function copyHashed(source: string, target: string, from: string): Promise<{ sha256: string; head: Buffer }> {
  const input = await open(source, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    (error: unknown) => {
      const reasons: Record<string, string> = {
        ENOENT: 'there is no such file',
        ELOOP: 'it is a symbolic link',
        EACCES: 'it may not be read',
      }
      throw refused(from, reasons[codeOf(error) ?? ''] ?? messageOf(error))
    },
  )
  try {
    const stat = await input.stat()
    if (!stat.isFile()) throw refused(from, stat.isDirectory() ? 'it is a folder' : 'it is no plain file')
    if (stat.size === 0) throw refused(from, 'it is empty')
    const output = await open(target, 'wx', 0o600)
    try {
      return await pump(input, output)
    } finally {
      await output.close()
    }
  } finally {
    await input.close()
  }
}

async function pump(
  input: Awaited<ReturnType<typeof open>>,
  output: typeof input,
): Promise<{ sha256: string; head: Buffer }> {
  const hash = createHash('sha256')
  const buffer = Buffer.alloc(1 << 20)
  let head: Buffer | null = null
  for (let at = 0; ;) {
    const { bytesRead } = await input.read(buffer, 0, buffer.length, at)
    if (bytesRead === 0) break
    const chunk = buffer.subarray(0, bytesRead)
    head ??= Buffer.from(chunk.subarray(0, 64))
    hash.update(chunk)
    await output.writeFile(chunk)
    at += bytesRead
  }
  await output.sync()
  return { sha256: hash.digest('hex'), head: head ?? Buffer.alloc(0) }
}

/** Gives the copy a free name; the very same bytes under that name already are used as they are. */
async function publish(root: string, temporary: string, target: string, sha256: string): Promise<string> {
  const extension = extname(target)
  for (let count = 1; ; count += 1) {
    const path = count === 1 ? target : `${target.slice(0, target.length - extension.length)}-${count}${extension}`
    if (await publishNew(temporary, join(root, path))) return path
    if ((await hashOf(join(root, path))) === sha256) return path
  }
}

async function hashOf(path: string): Promise<string | null> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(() => null)
  if (handle === null) return null
  try {
    if (!(await handle.stat()).isFile()) return null
    const hash = createHash('sha256')
    for await (const chunk of handle.createReadStream({ autoClose: false })) hash.update(chunk as Buffer)
    return hash.digest('hex')
  } finally {
    await handle.close()
  }
}

/** Makes the folder, none of whose parts below the root may be a link leading elsewhere. */
async function plainFolders(root: string, folder: string): Promise<void> {
  const inside = relative(root, join(root, folder)).split(sep)
  if (inside[0] === '..') throw refused(folder, 'evidence.dir must lie inside the project')
  for (const [index] of inside.entries()) {
    const path = join(root, ...inside.slice(0, index + 1))
    await refuseSymlink(path)
    if ((await exists(path)) && !(await lstat(path)).isDirectory()) throw refused(folder, `${path} is not a folder`)
  }
  await makeFolder(join(root, folder))
}

function plainExtension(path: string): string {
  const extension = extname(path).toLowerCase()
  return /^\.[a-z0-9]{1,8}$/.test(extension) ? extension : ''
}

function refused(source: string, why: string, next = 'Give a plain file or an http(s) URL.'): UserError {
  return held(`${source} was not taken as evidence`, why, [next])
}
