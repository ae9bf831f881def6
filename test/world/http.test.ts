import { createServer } from 'node:http'
import type { RequestListener, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { readUrl } from '../../src/world/http.ts'

const servers: Server[] = []

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const options = { timeoutMs: 2000, redirect: 'follow' as const }

test('gives status, body and time, whatever the status', async () => {
  const url = await serve((_, answer) => answer.writeHead(503, { 'x-here': 'yes' }).end('später'))
  const answer = await readUrl(`${url}/health`, options)
  expect(answer).toMatchObject({ status: 503, body: 'später', url: `${url}/health`, headers: { 'x-here': 'yes' } })
  expect(answer.ms).toBeGreaterThanOrEqual(0)
})

test('asks past caches with a query never used before', async () => {
  const asked: string[] = []
  const url = await serve((request, answer) => (asked.push(request.url ?? ''), answer.end('x')))
  await readUrl(`${url}/?a=1`, { ...options, bust: true })
  await readUrl(`${url}/?a=1`, { ...options, bust: true })
  expect(asked[0]).toMatch(/^\/\?a=1&knowngood=\w+$/)
  expect(asked[0]).not.toBe(asked[1])
})

test('follows redirects, or refuses them, and never goes in circles', async () => {
  const url = await serve((request, answer) => {
    if (request.url === '/there') return answer.end('there')
    answer.writeHead(302, { location: request.url === '/' ? '/there' : '/loop' }).end()
  })
  expect(await readUrl(`${url}/`, options)).toMatchObject({ body: 'there', url: `${url}/there` })
  await expect(readUrl(`${url}/`, { ...options, redirect: 'refuse' })).rejects.toThrow(/answers 302/)
  await expect(readUrl(`${url}/loop`, options)).rejects.toThrow(/redirects/)
})

test('has read enough after 2 MB', async () => {
  const url = await serve((_, answer) => {
    const more = () => {
      while (answer.write('x'.repeat(65_536)));
      answer.once('drain', more)
    }
    more()
  })
  expect((await readUrl(url, options)).body).toHaveLength(2_000_000)
})

test('says why there is no answer', async () => {
  const silent = await serve(() => {})
  const started = performance.now()
  await expect(readUrl(`${silent}/?token=x`, { ...options, timeoutMs: 150 })).rejects.toThrow(
    `${silent}/: no answer within 0.2 s`,
  )
  expect(performance.now() - started).toBeLessThan(1500)
  await expect(readUrl('http://127.0.0.1:1/', options)).rejects.toThrow(/refused/)
  await expect(readUrl('file:///etc/passwd', options)).rejects.toThrow(/only http/)
  await expect(readUrl(silent, { ...options, signal: AbortSignal.timeout(50) })).rejects.toThrow(/stopped/)
  const cut = await serve((_, answer) => {
    answer.writeHead(200, { 'content-length': '100' }).write('half')
    setTimeout(() => answer.destroy(), 30)
  })
  await expect(readUrl(cut, options)).rejects.toThrow(/closed|aborted|hang up/)
})
