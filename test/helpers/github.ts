import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createEmulator } from 'emulate'

type Kept = { id: number; name: string; bytes: Buffer; whole: boolean; release: number }
type Raw = { id: number; name: string; size: number; state: string; draft?: boolean; assets?: Raw[] } & Record<
  string,
  unknown
>

/** What goes wrong next; each is told how often. */
type Trouble = {
  /** Answers every request with this instead. */
  refuse: { status: number; headers?: Record<string, string>; message: string } | null
  /** Cuts the connection when an upload of that name has sent this many bytes, and keeps the half as GitHub does. */
  cut: { name: string; after: number } | null
  /** Serves these bytes instead of an asset's own. */
  spoil: string | null
  /** Says the hash of an asset, as GitHub does since 2025. */
  digests: boolean
}

export const TOKEN = 'ghp_canary0123456789canary0123456789abcd'

/**
 * GitHub on loopback: the emulator for repositories, references, releases and their assets; before it a door of our own that keeps the
 * assets' bytes, which the emulator does not, gives uploads an address of their own, and goes wrong where a test asks for it.
 */
export async function fakeGitHub() {
  const trouble: Trouble = { refuse: null, cut: null, spoil: null, digests: true }
  const tags = new Map<string, string>()
  const kept: Kept[] = []
  const seen: string[] = []
  const port = await freePort()
  const emulator = await createEmulator({
    service: 'github',
    port,
    seed: {
      tokens: { [TOKEN]: { login: 'ana', scopes: ['repo'] } },
      github: { users: [{ login: 'ana' }], repos: [{ owner: 'ana', name: 'mosaic', auto_init: true }] },
    },
  })
  const behind = `http://127.0.0.1:${port}`
  const door = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((done) => {
    door.listen(0, '127.0.0.1', done)
  })
  const url = `http://127.0.0.1:${(door.address() as AddressInfo).port}`

  const forward = async (request: IncomingMessage, body?: Buffer) => {
    const headers = {
      authorization: request.headers.authorization ?? '',
      'content-type': request.headers['content-type'] ?? '',
    }
    const method = request.method ?? 'GET'
    return fetch(`${behind}${request.url ?? '/'}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: new Uint8Array(body) }),
    })
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '/'
    seen.push(`${request.method} ${path.split('?')[0]}`)
    const json = (status: number, value: unknown, headers: Record<string, string> = {}) => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers })
      response.end(JSON.stringify(value))
    }
    if (trouble.refuse !== null)
      return json(trouble.refuse.status, { message: trouble.refuse.message }, trouble.refuse.headers)
    if (request.headers.authorization !== `token ${TOKEN}`) return json(401, { message: 'Bad credentials' })
    const tag = /\/git\/ref\/tags(?:\/|%2F)([^/?]+)$/.exec(path)?.[1]
    const commit = tags.get(decodeURIComponent(tag ?? ''))
    if (commit !== undefined) return json(200, { ref: `refs/tags/${tag}`, object: { type: 'commit', sha: commit } })
    if (request.method === 'POST' && path.startsWith('/uploads/')) return upload(request, response, json)
    // Only there does GitHub take files.
    if (request.method === 'POST' && /\/releases\/\d+\/assets/.test(path)) return json(404, { message: 'Not Found' })
    const asset = Number(/\/releases\/assets\/(\d+)$/.exec(path)?.[1] ?? Number.NaN)
    const held = kept.find(({ id }) => id === asset)
    if (request.method === 'GET' && held !== undefined && request.headers.accept === 'application/octet-stream') {
      const bytes = trouble.spoil === held.name ? Buffer.alloc(held.bytes.length, 'x') : held.bytes
      response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': bytes.length })
      return void response.end(bytes)
    }
    if (request.method === 'DELETE' && held !== undefined) {
      kept.splice(kept.indexOf(held), 1)
      if (!held.whole) return void response.writeHead(204).end()
    }
    const given = await forward(request, request.method === 'GET' ? undefined : await read(request))
    const text = await given.text()
    if (given.status === 204) return void response.writeHead(204).end()
    const release = Number(/\/releases\/(\d+)\/assets/.exec(path)?.[1] ?? Number.NaN)
    json(given.status, shown(JSON.parse(text.replaceAll(emulator.url, url)), release))
  }

  /** As GitHub shows it: uploads at an address of their own, a draft under a page of its own, halves of uploads, hashes. */
  function shown(value: unknown, release: number): unknown {
    if (!Array.isArray(value)) return typeof value === 'object' && value !== null ? one(value as Raw) : value
    const halves = kept.filter((asset) => !asset.whole && asset.release === release)
    return [
      ...value.map((raw) => one(raw as Raw)),
      ...halves.map(({ id, name, bytes }) => ({ id, name, size: bytes.length, state: 'starter' })),
    ]
  }

  function one(raw: Raw): Raw {
    if (typeof raw['upload_url'] === 'string') {
      const page = String(raw['html_url'])
      const html_url = raw.draft === true ? page.replace(/\/tag\/.*$/, `/tag/untagged-${raw.id}`) : page
      return { ...raw, html_url, upload_url: raw['upload_url'].replace(url, `${url}/uploads`) }
    }
    const held = kept.find(({ id, name }) => id === raw.id && name === raw.name)
    if (held === undefined || !trouble.digests) return raw
    return { ...raw, digest: `sha256:${createHash('sha256').update(held.bytes).digest('hex')}` }
  }

  async function upload(
    request: IncomingMessage,
    response: ServerResponse,
    json: (status: number, value: unknown) => void,
  ) {
    const path = (request.url ?? '').replace('/uploads', '')
    const name = new URL(path, url).searchParams.get('name') ?? ''
    const release = Number(/\/releases\/(\d+)\/assets/.exec(path)?.[1] ?? Number.NaN)
    // GitHub wants to know how much is coming.
    if (request.headers['content-length'] === undefined) return json(400, { message: 'Bad Content-Length' })
    const { cut } = trouble
    if (cut !== null && cut.name === name) {
      const chunks: Buffer[] = []
      for await (const chunk of request as AsyncIterable<Buffer>) {
        chunks.push(chunk)
        if (Buffer.concat(chunks).length >= cut.after) break
      }
      trouble.cut = null
      kept.push({
        id: 9_000 + kept.length,
        name,
        bytes: Buffer.concat(chunks).subarray(0, cut.after),
        whole: false,
        release,
      })
      return void response.destroy()
    }
    const bytes = await read(request)
    if (kept.some((asset) => asset.name === name && asset.release === release))
      return json(422, { message: 'Validation Failed', errors: [{ resource: 'ReleaseAsset', code: 'already_exists' }] })
    request.url = path
    const made = JSON.parse((await (await forward(request, bytes)).text()).replaceAll(emulator.url, url)) as Raw
    kept.push({ id: made.id, name, bytes, whole: true, release })
    json(201, one(made))
  }

  return {
    url,
    trouble,
    seen,
    /** The repository's tags, by the commit they stand on. */
    tags,
    kept,
    /** What is published or drafted, as anybody would ask for it. */
    releases: async () => {
      const answered = await fetch(`${url}/repos/ana/mosaic/releases`, { headers: { authorization: `token ${TOKEN}` } })
      return (await answered.json()) as Raw[]
    },
    reset() {
      emulator.reset()
      Object.assign(trouble, { refuse: null, cut: null, spoil: null, digests: true })
      tags.clear()
      kept.splice(0)
      seen.splice(0)
    },
    async close() {
      door.closeAllConnections()
      await new Promise((done) => {
        door.close(done)
      })
      await emulator.close()
    },
  }
}

/** The emulator wants to be told its port. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done)
  })
  const { port } = server.address() as AddressInfo
  await new Promise((done) => {
    server.close(done)
  })
  return port
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks)
}
