import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

/** An S3 server on 127.0.0.1 with an empty restic repository on it. `env` opens it; `bytes` is what lies on the server. */
type ResticOnS3 = { env: Record<string, string>; to: string; bytes(): number; restic(...args: string[]): string }

const SERVER = fileURLToPath(import.meta.resolve('s3rver/bin/s3rver.js'))

/**
 * Starts both in a folder of the test's own; the server ends with the test. By TLS, as every real one: without it restic signs piece by
 * piece, which this server keeps as part of what it is sent.
 */
export async function resticOnS3(folder: string): Promise<ResticOnS3> {
  const port = await freePort()
  const data = join(folder, 's3')
  const [key, cert] = certificate(folder)
  const where = ['-d', data, '-a', '127.0.0.1', '-p', String(port), '--configure-bucket', 'copies']
  const tls = ['--key', key, '--cert', cert]
  const { AWS_CA_BUNDLE: _, ...own } = process.env
  const server = spawn(process.execPath, [SERVER, ...where, ...tls], { env: own, stdio: ['ignore', 'pipe', 'ignore'] })
  const ended = once(server, 'close')
  onTestFinished(async () => {
    server.kill('SIGTERM')
    await ended
  })
  const lines = createInterface({ input: server.stdout })
  await new Promise<void>((ready, failed) => {
    lines.on('line', (line) => line.includes('listening') && ready())
    void ended.then(() => failed(new Error('the S3 server ended')))
  })
  const to = `s3:https://127.0.0.1:${port}/copies`
  const env = {
    AWS_ACCESS_KEY_ID: 'S3RVER',
    AWS_SECRET_ACCESS_KEY: 'S3RVER',
    SSL_CERT_FILE: cert,
    RESTIC_PASSWORD: 'only of this test',
    RESTIC_CACHE_DIR: join(folder, 'restic-cache'),
  }
  const restic = (...args: string[]) =>
    execFileSync('restic', ['-r', to, ...args], {
      env: { ...own, ...env },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  restic('init')
  const bytes = () =>
    readdirSync(data, { recursive: true, encoding: 'utf8' })
      .map((path) => statSync(join(data, path)))
      .reduce((sum, stat) => sum + (stat.isFile() ? stat.size : 0), 0)
  return { env, to, bytes, restic }
}

function certificate(folder: string): [key: string, cert: string] {
  const [key, cert] = [join(folder, 's3.key'), join(folder, 's3.pem')]
  const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  const named = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1']
  execFileSync('openssl', [...made, ...named, '-keyout', key, '-out', cert], { stdio: 'ignore' })
  return [key, cert]
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as { port: number }
  probe.close()
  await once(probe, 'close')
  return port
}
