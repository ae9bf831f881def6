import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openRedis, redisPlace, type Redis } from '../../src/world/redis.ts'

export type RealRedis = {
  port: number
  url(database?: number): string
  /** A connection to one of its databases. */
  open(database?: number): Promise<Redis>
  /** Stops answering, as when it is killed. */
  end(): Promise<void>
}

/** A Redis server on loopback with a password and nothing in it. */
export async function realRedis(password = 'canary-of-redis-9f2c'): Promise<RealRedis> {
  const folder = mkdtempSync(join(tmpdir(), 'kg-test-redis-'))
  const port = await freePort()
  const server = spawn(
    'redis-server',
    [
      '--bind',
      '127.0.0.1',
      '--port',
      String(port),
      '--dir',
      folder,
      '--save',
      '',
      '--appendonly',
      'no',
      '--repl-diskless-sync-delay',
      '0',
      '--requirepass',
      password,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const ended = once(server, 'exit')
  for await (const chunk of server.stdout) if (String(chunk).includes('Ready to accept connections')) break
  server.stdout.resume()
  const url = (database = 0) => `redis://:${password}@127.0.0.1:${port}/${database}`
  return {
    port,
    url,
    open: async (database = 0) => openRedis(redisPlace(url(database))),
    end: async () => {
      server.kill('SIGKILL')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Every key of a connection's database with its value as Redis dumps it, and whether it expires; the marks of finished swaps, which go by themselves, left out. */
export async function allKeys(redis: Redis): Promise<Record<string, string>> {
  const keys = (await redis.send('KEYS', '*')) as Buffer[]
  const found: [string, string][] = []
  for (const key of keys.toSorted((a, b) => Buffer.compare(a, b))) {
    const dump = (await redis.send('DUMP', key)) as Buffer
    const expires = Number(await redis.send('PTTL', key)) > 0
    if (expires && key.toString('latin1').startsWith('knowngood:swapped:')) continue
    found.push([key.toString('latin1'), `${dump.toString('base64')}${expires ? ' expires' : ''}`])
  }
  return Object.fromEntries(found)
}
