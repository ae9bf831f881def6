import { open, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { gunzipped } from '../../archive/gzip-file.ts'
import { padding, tarEnd, tarHeader } from '../../archive/tar-format.ts'
import { tarMembers } from '../../archive/tar-stream.ts'
import type { Io } from '../../core/plan.ts'
import { makeFolder } from '../../world/files.ts'

/** Says which tags go where; without it nothing does. The manifests hold the same again. */
const ONLY_NAMES = 'repositories'

/**
 * Writes an archive again without the names it would move when it is loaded: the engine takes names from the archive, and
 * a kill right after would leave live ones on what was restored. For archives that others made; ours name nothing.
 */
export async function withoutNames(io: Io, file: string, to: string): Promise<void> {
  await makeFolder(dirname(to))
  const output = await open(to, 'wx', 0o600)
  let size = 0
  const write = async (data: Buffer) => {
    await output.writeFile(data)
    size += data.length
  }
  try {
    for await (const { entry, content } of tarMembers(gunzipped(file, { signal: io.signal, plainToo: true }))) {
      const name = entry.name.toString('utf8')
      if (name === ONLY_NAMES) continue
      const plain = NAMES[name] === undefined ? null : await rewritten(content, NAMES[name])
      const { mode, kind } = entry
      const link = Buffer.from(entry.link ?? '', 'latin1')
      const length = plain?.length ?? entry.size
      const mtime = Math.max(0, Math.floor(entry.modified.getTime() / 1000))
      await write(tarHeader({ name: entry.name, kind, mode, uid: 0, gid: 0, size: length, mtime, link }))
      if (plain !== null) await write(plain)
      else for await (const chunk of content) await write(chunk)
      await write(padding(length))
    }
    await write(tarEnd(size))
  } catch (error) {
    await rm(to, { force: true })
    throw error
  } finally {
    await output.close()
  }
}

type Item = Record<string, unknown>

/** How each description loses its names: Docker's own, and that of the Open Container Initiative. */
const NAMES: Readonly<Record<string, (value: unknown) => unknown>> = {
  'manifest.json': (value) => (value as Item[]).map((image) => ({ ...image, RepoTags: null })),
  'index.json': (value) => {
    const index = value as { manifests?: Item[] }
    return { ...index, manifests: index.manifests?.map(({ annotations: _, ...manifest }) => manifest) }
  },
}

async function rewritten(content: AsyncIterable<Buffer>, change: (value: unknown) => unknown): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of content) chunks.push(Buffer.from(chunk))
  return Buffer.from(JSON.stringify(change(JSON.parse(Buffer.concat(chunks).toString('utf8')))))
}
