import { connect as connectPlain, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { messageOf, StepFailed } from '../core/failure.ts'
import { replies, type Reply } from './redis-replies.ts'

/** Where a Redis is. `password` is given to the server and to children by their environment only, never in argv. */
export type RedisPlace = {
  at: { host: string; port: number; tls: boolean } | { socket: string }
  user: string | null
  password: string | null
  database: number
}

/** A connection: commands are answered in order. `all` sends many at once; an error among the replies throws. */
export type Redis = {
  send(...words: (string | Buffer)[]): Promise<Reply>
  all(commands: readonly (readonly (string | Buffer)[])[]): Promise<Reply[]>
  close(): void
}

const IDLE_MS = 30_000

/** `redis://`, `rediss://` and `unix://` (or `redis+socket://`) URLs. Throws when it is none of them; the message does not hold it. */
export function redisPlace(url: string): RedisPlace {
  const parsed = URL.canParse(url) ? new URL(url) : null
  if (parsed === null || !['redis:', 'rediss:', 'unix:', 'redis+socket:'].includes(parsed.protocol))
    throw new StepFailed('redis', 'its URL is not one of redis://, rediss:// or unix://')
  const word = (text: string) => (text === '' ? null : decodeURIComponent(text))
  const secrets = { user: word(parsed.username), password: word(parsed.password) }
  if (parsed.protocol === 'unix:' || parsed.protocol === 'redis+socket:') {
    const database = Number(parsed.searchParams.get('db') ?? 0)
    return { at: { socket: decodeURIComponent(parsed.pathname) }, ...secrets, database }
  }
  const host = parsed.hostname.replace(/^\[|\]$/g, '') || '127.0.0.1'
  const at = { host, port: Number(parsed.port || 6379), tls: parsed.protocol === 'rediss:' }
  return { at, ...secrets, database: Number(parsed.pathname.slice(1) || 0) }
}

/** The place without its secrets, for people. */
export function shownPlace({ at }: RedisPlace): string {
  return 'socket' in at ? at.socket : `${at.host}:${at.port}`
}

/** Connects, authenticates and selects the database. Throws a StepFailed that says where nobody answered. `idleMs` without an answer ends it. */
export async function openRedis(place: RedisPlace, signal?: AbortSignal, idleMs = IDLE_MS): Promise<Redis> {
  const socket = await connected(place, signal, idleMs)
  const redis = speak(socket, shownPlace(place))
  try {
    if (place.password !== null) await redis.send('AUTH', ...(place.user === null ? [] : [place.user]), place.password)
    if (place.database !== 0) await redis.send('SELECT', String(place.database))
    await redis.send('PING')
    return redis
  } catch (error) {
    redis.close()
    throw error
  }
}

async function connected(
  { at, ...rest }: RedisPlace,
  signal: AbortSignal | undefined,
  idleMs: number,
): Promise<Socket> {
  signal?.throwIfAborted()
  const socket =
    'socket' in at
      ? connectPlain(at.socket)
      : at.tls
        ? connectTls({ host: at.host, port: at.port, servername: at.host })
        : connectPlain(at.port, at.host)
  const stop = () => socket.destroy(new Error('stopped'))
  signal?.addEventListener('abort', stop, { once: true })
  socket.once('close', () => signal?.removeEventListener('abort', stop))
  socket.setTimeout(idleMs, () => socket.destroy(new Error(`no answer for ${idleMs / 1000} s`)))
  const ready = 'socket' in at || !at.tls ? 'connect' : 'secureConnect'
  await new Promise<void>((resolve, reject) => {
    socket.once(ready, () => resolve())
    socket.once('error', (error) =>
      reject(new StepFailed('redis', `Redis does not answer at ${shownPlace({ at, ...rest })}: ${messageOf(error)}`)),
    )
  })
  return socket
}

function speak(socket: Socket, where: string): Redis {
  const waiting: { resolve(reply: Reply): void; reject(error: Error): void }[] = []
  let broken: Error | null = null
  const fail = (error: Error) => {
    broken ??= new StepFailed('redis', `the connection to Redis at ${where} broke: ${error.message}`)
    for (const one of waiting.splice(0)) one.reject(broken)
  }
  socket.on('error', fail)
  socket.on('close', () => fail(new Error('it was closed')))
  const read = replies()
  socket.on('data', (chunk: Buffer) => {
    try {
      for (const reply of read(chunk)) waiting.shift()?.resolve(reply)
    } catch (error) {
      socket.destroy(new Error(messageOf(error)))
    }
  })
  const all: Redis['all'] = async (commands) => {
    if (broken !== null) throw broken
    const answers = commands.map(
      async () => new Promise<Reply>((resolve, reject) => void waiting.push({ resolve, reject })),
    )
    if (commands.length > 0) socket.write(Buffer.concat(commands.map(encoded)))
    const given = await Promise.all(answers)
    const error = given.find((reply) => reply instanceof Error)
    if (error instanceof Error) throw new StepFailed('redis', `Redis at ${where} says: ${error.message}`)
    return given
  }
  return {
    send: async (...words) => {
      const [reply] = await all([words])
      return reply ?? null
    },
    all,
    close: () => void socket.destroy(),
  }
}

function encoded(words: readonly (string | Buffer)[]): Buffer {
  const parts = words.flatMap((word) => {
    const bytes = Buffer.from(word as string)
    return [Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n')]
  })
  return Buffer.concat([Buffer.from(`*${words.length}\r\n`), ...parts])
}
