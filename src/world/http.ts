import { randomBytes } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

export type ReadUrlOptions = {
  /** For the whole exchange, redirects and body included. */
  timeoutMs: number
  signal?: AbortSignal
  /** Adds a query no cache has seen, and asks caches to step aside. */
  bust?: boolean
  redirect: 'follow' | 'refuse'
}

/** `url` is where the answer came from in the end; `ms` from the first byte sent to the last byte read. */
export type UrlAnswer = { status: number; body: string; headers: IncomingHttpHeaders; ms: number; url: string }

const BODY_LIMIT = 2_000_000
const HOPS = 5

/**
 * Reads a URL, at most 2 MB of it. Any status is an answer; no answer at all (a refused connection, a wrong
 * certificate, the time limit, a redirect that is refused or goes in circles) throws with the reason.
 */
export async function readUrl(url: string, options: ReadUrlOptions): Promise<UrlAnswer> {
  const late = AbortSignal.timeout(options.timeoutMs)
  const signal = options.signal === undefined ? late : AbortSignal.any([options.signal, late])
  const began = performance.now()
  try {
    let address = options.bust === true ? busted(url) : new URL(url)
    for (let hop = 0; hop <= HOPS; hop++) {
      const answer = await get(address, signal)
      const to = answer.headers.location
      if (answer.status < 300 || answer.status > 399 || to === undefined) {
        return { ...answer, ms: Math.round(performance.now() - began), url: address.href }
      }
      const next = new URL(to, address)
      if (options.redirect === 'refuse')
        throw new Error(`it answers ${answer.status} and sends us to ${next.origin}${next.pathname}`)
      address = next
    }
    throw new Error(`more than ${HOPS} redirects`)
  } catch (error) {
    if (options.signal?.aborted) throw new Error(`${plain(url)}: stopped`, { cause: error })
    if (late.aborted)
      throw new Error(`${plain(url)}: no answer within ${Math.round(options.timeoutMs / 100) / 10} s`, { cause: error })
    throw new Error(`${plain(url)}: ${reason(error)}`, { cause: error })
  }
}

type Got = { status: number; body: string; headers: IncomingHttpHeaders }

async function get(address: URL, signal: AbortSignal): Promise<Got> {
  if (address.protocol !== 'http:' && address.protocol !== 'https:')
    throw new Error(`${address.protocol} is not read, only http: and https:`)
  // Loaded here and not above: a command that reads no URL does not wait for the network stack. An import would touch
  // every export of it, and with them a whole second stack that nobody asked for.
  const { request } =
    address.protocol === 'https:' ? process.getBuiltinModule('node:https') : process.getBuiltinModule('node:http')
  return new Promise((resolve, reject) => {
    const headers = { 'user-agent': 'knowngood', accept: '*/*', 'cache-control': 'no-cache', pragma: 'no-cache' }
    const asked = request(address, { signal, headers, agent: false }, (answer) => {
      const chunks: Buffer[] = []
      let size = 0
      const finish = () => {
        const body = Buffer.concat(chunks).subarray(0, BODY_LIMIT).toString('utf8')
        resolve({ status: answer.statusCode ?? 0, body, headers: answer.headers })
      }
      answer.on('data', (chunk: Buffer) => {
        chunks.push(chunk)
        size += chunk.length
        if (size < BODY_LIMIT) return
        finish()
        answer.destroy()
      })
      answer.on('end', finish)
      answer.on('error', reject)
      answer.on('aborted', () => reject(new Error('the connection was closed before the page was complete')))
    })
    asked.on('error', reject)
    asked.end()
  })
}

function busted(url: string): URL {
  const address = new URL(url)
  address.searchParams.set('knowngood', randomBytes(6).toString('hex'))
  return address
}

/** The address without what may be secret in it. */
function plain(url: string): string {
  const address = URL.parse(url)
  return address === null ? url : `${address.origin}${address.pathname}`
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const code = (error as NodeJS.ErrnoException).code
  if (code === 'ECONNREFUSED') return 'nobody answers there (connection refused)'
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'the name is not known (DNS)'
  if (code === 'ECONNRESET') return 'the connection was cut'
  // Two addresses of one name, both refused, come as an aggregate without a message.
  return error.message || code || error.name
}
