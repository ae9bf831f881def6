import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import { delimiter, join } from 'node:path'

/**
 * The real CLI of a host: the one on PATH, else with KNOWNGOOD_SLOW=1 the wanted version, installed below `folder` and put on
 * PATH. Why there is none, where there is none.
 */
export function hostTool(folder: string, program: string, wanted: string): true | string {
  if (spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined) return true
  if (process.env['KNOWNGOOD_SLOW'] !== '1')
    return `${program} is missing: npm install --global ${wanted} (slow: KNOWNGOOD_SLOW=1)`
  const args = ['install', '--prefix', join(folder, 'tool'), '--no-audit', '--no-fund', '--ignore-scripts', wanted]
  if (spawnSync('npm', args, { stdio: 'ignore' }).status !== 0)
    return `${program} is missing, and no registry answers: ${wanted}`
  process.env['PATH'] = `${join(folder, 'tool/node_modules/.bin')}${delimiter}${process.env['PATH']}`
  return true
}

/** A server on the loopback that answers with JSON, or with a Response as it is; null is what it does not know. */
export async function jsonServer(
  answer: (method: string, url: URL, body: Record<string, unknown>, bytes: Buffer) => unknown,
) {
  const reply = async (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1')
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const bytes = Buffer.concat(chunks)
    const value = answer(request.method ?? 'GET', url, fieldsIn(bytes), bytes)
    if (value instanceof Response) {
      response.writeHead(value.status, Object.fromEntries(value.headers))
      return void response.end(Buffer.from(await value.arrayBuffer()))
    }
    response.writeHead(value === null ? 404 : 200, { 'content-type': 'application/json' })
    const unknown = { code: 404, message: 'Not Found', error: { code: 'not_found', message: 'Not found' } }
    response.end(JSON.stringify(value ?? unknown))
  }
  const server = createServer((request, response) => void reply(request, response))
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return { url: `http://127.0.0.1:${port}`, close: () => void server.close() }
}

/** What a host keeps of what it is sent, by SHA-1, and what it serves of it. */
export function heldFiles() {
  const bytes = new Map<string, Buffer>()
  return {
    lacks: (sums: readonly string[]) => [...new Set(sums)].filter((sum) => !bytes.has(sum)),
    keep: (given: Buffer) => {
      const sum = createHash('sha1').update(given).digest('hex')
      bytes.set(sum, given)
      return sum
    },
    serve: (sum: string | undefined) =>
      new Response(bytes.get(sum ?? '') ?? null, { status: bytes.has(sum ?? '') ? 200 : 404 }),
  }
}

function fieldsIn(bytes: Buffer): Record<string, unknown> {
  try {
    return JSON.parse(bytes.toString('utf8')) as Record<string, unknown>
  } catch {
    return {}
  }
}
