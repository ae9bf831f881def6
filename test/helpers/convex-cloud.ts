import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { Duplex } from 'node:stream'
import { brotliDecompressSync } from 'node:zlib'

/** The paths of the modules that were pushed, and the code of all of them. */
type Push = { paths: string[]; code: string }
type Asked = Record<string, unknown>
type Version = { querySet: number; identity: number; ts: string }

const ZERO: Version = { querySet: 0, identity: 0, ts: 'AAAAAAAAAAA=' }
const EXPORTED = BigInt('1795245438196000000')

/**
 * As much of Convex's servers as its real CLI needs with a deploy key: which deployment a key is for, a push of functions and
 * schema, an export. `zip` is what an export gives. A child is led to it by CONVEX_PROVISION_HOST; nothing leaves the machine.
 */
export async function convexCloud(deployment: string, zip: Buffer) {
  const pushes: Push[] = []
  const asked: string[] = []
  /** `large`: an index over a million documents would go; `misfit`: old documents do not fit the schema. */
  const state = { large: false, misfit: false }
  let started: Push | null = null
  let url = ''

  const answer = (path: string, body: Asked): unknown => {
    if (path === '/api/deployment/url_for_key') return url
    if (path === '/api/deployment/team_and_project_for_key')
      return { team: 'ana', project: 'chat', teamId: 1, projectId: 1, reference: null, isDefault: true }
    if (path === '/api/get_config_hashes')
      return { config: { functions: 'convex/' }, moduleHashes: [], udfServerVersion: null }
    if (path === '/api/deploy2/evaluate_schema') return evaluated(state.large)
    if (path === '/api/deploy2/start_push') {
      started = pushOf(body)
      return startedPush()
    }
    if (path === '/api/deploy2/wait_for_schema') return state.misfit ? MISFIT : { type: 'complete' }
    if (path === '/api/deploy2/finish_push' && started !== null) {
      pushes.push(started)
      return { authDiff: { added: [], removed: [] }, definitionDiffs: {}, componentDiffs: {} }
    }
    return path === '/api/deploy2/report_push_completed' || path.startsWith('/api/export/request/') ? {} : null
  }

  const reply = async (request: IncomingMessage, response: ServerResponse) => {
    const path = new URL(request.url ?? '/', 'http://127.0.0.1').pathname
    asked.push(`${request.method} ${path}`)
    const body = await bodyOf(request)
    if (path === `/api/export/zip/${EXPORTED}`) return response.writeHead(200).end(zip)
    const value = answer(path, body)
    response.writeHead(value === null ? 404 : 200, { 'content-type': 'application/json' })
    return response.end(JSON.stringify(value ?? { code: 'NotFound', message: `unknown: ${path}` }))
  }
  const sockets = new Set<Duplex>()
  const server = createServer((request, response) => void reply(request, response))
  server.on('upgrade', (request, socket) => {
    sockets.add(socket)
    subscribe(request, socket)
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
  const close = () => {
    for (const socket of sockets) socket.destroy()
    server.closeAllConnections()
    server.close()
  }
  return {
    env: { CONVEX_PROVISION_HOST: url, CONVEX_DEPLOY_KEY: `prod:${deployment}|canary` },
    pushes,
    asked,
    state,
    close,
  }
}

const ROUTES = { httpModuleRoutes: [], mounts: [] }
const MISFIT = {
  type: 'failed',
  error: 'Document with ID "j57" in table "messages" does not match the schema: missing the required field `author`.',
  componentPath: '',
  tableName: 'messages',
}

function pushOf(body: Asked): Push {
  const { changedModules } = body['appDefinition'] as { changedModules: { path: string; source: string }[] }
  return {
    paths: changedModules.map(({ path }) => path),
    code: changedModules.map(({ source }) => source).join('\n'),
  }
}

function evaluated(large: boolean) {
  const index = { name: 'messages.by_text', type: 'database', fields: ['text'], numDocs: 1_000_000 }
  const indexes = large ? [{ ...index, change: 'dropped', needsBackfill: false }] : []
  const root = { definitionPath: '', schemaValidation: true, tables: [], indexes, discardedStagedValidators: [] }
  return { componentSchemaEvaluations: { '': root }, newComponentDefinitions: [] }
}

function startedPush() {
  const definition = {
    path: '',
    definitionType: { type: 'app' },
    childComponents: [],
    httpMounts: {},
    exports: {
      type: 'branch',
      branch: [],
    },
  }
  const udfConfig = { serverVersion: '1.48.0', importPhaseRngSeed: null, importPhaseUnixTimestamp: null }
  return {
    environmentVariables: {},
    externalDepsId: null,
    componentDefinitionPackages: {},
    appAuth: [],
    analysis: {
      '': {
        definition,
        schema: null,
        functions: {},
        udfConfig,
      },
    },
    app: { definitionPath: '', componentPath: '', args: {}, childComponents: {}, exports: {}, httpRoutes: ROUTES },
    schemaChange: {
      allocatedComponentIds: {},
      schemaIds: {},
      indexDiffs: {},
    },
  }
}

async function bodyOf(request: IncomingMessage): Promise<Asked> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const bytes = Buffer.concat(chunks)
  const text = request.headers['content-encoding'] === 'br' ? brotliDecompressSync(bytes) : bytes
  return text.length === 0 ? {} : (JSON.parse(text.toString('utf8')) as Asked)
}

/** The one query the CLI waits on: that the export it asked for is there. */
function subscribe(request: IncomingMessage, socket: Duplex): void {
  const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`
  const accept = createHash('sha1').update(key).digest('base64')
  const head = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade']
  socket.write([...head, `Sec-WebSocket-Accept: ${accept}`, '', ''].join('\r\n'))
  let held = Buffer.alloc(0)
  let version = ZERO
  const send = (endVersion: Version, modifications: object[]) => {
    socket.write(frame(JSON.stringify({ type: 'Transition', startVersion: version, endVersion, modifications })))
    version = endVersion
  }
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk: Buffer) => {
    held = Buffer.concat([held, chunk])
    for (let read = unframe(held); read !== null; read = unframe(held)) {
      held = held.subarray(read.length)
      if (read.opcode === 8) return void socket.end()
      const told = read.opcode === 1 ? (JSON.parse(read.text) as Asked) : {}
      if (told['type'] === 'Authenticate') send({ ...version, identity: version.identity + 1 }, [])
      if (told['type'] !== 'ModifyQuerySet') continue
      const added = (told['modifications'] as { type: string; queryId: number }[]).filter(({ type }) => type === 'Add')
      const value = {
        state: 'completed',
        start_ts: integer(EXPORTED),
        complete_ts: integer(EXPORTED),
        zip_object_key: 'k',
      }
      const updates = added.map(({ queryId }) => ({
        type: 'QueryUpdated',
        queryId,
        value,
        logLines: [],
        journal: null,
      }))
      send({ ...version, querySet: Number(told['newVersion']), ts: 'AQAAAAAAAAA=' }, updates)
    }
    return undefined
  })
}

/** As Convex writes a 64-bit integer into JSON. */
function integer(value: bigint): { $integer: string } {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64LE(value)
  return { $integer: bytes.toString('base64') }
}

function frame(text: string): Buffer {
  const bytes = Buffer.from(text)
  const head = bytes.length < 126 ? [0x81, bytes.length] : [0x81, 126, bytes.length >> 8, bytes.length & 255]
  return Buffer.concat([Buffer.from(head), bytes])
}

/** The first whole message of a client's bytes; null while more must come. */
function unframe(bytes: Buffer): { opcode: number; text: string; length: number } | null {
  if (bytes.length < 6) return null
  const short = (bytes[1] ?? 0) & 127
  const at = short === 126 ? 4 : 2
  const size = short === 126 ? bytes.readUInt16BE(2) : short
  const length = at + 4 + size
  if (bytes.length < length) return null
  const mask = bytes.subarray(at, at + 4)
  const body = Buffer.from(bytes.subarray(at + 4, length).map((byte, index) => byte ^ (mask[index % 4] ?? 0)))
  return { opcode: (bytes[0] ?? 0) & 15, text: body.toString('utf8'), length }
}
