import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { restorable, type Restorable } from './restorable.ts'

/** What a site's folder `live` holds, as its host serves it. */
let server: Server
let served = ''

/** For the tests of a file: a host that serves the folder `live` of the production made last. */
export function serving(): void {
  beforeAll(async () => {
    server = createServer((_, response) => {
      try {
        response.end(readFileSync(join(served, 'live/index.html')))
      } catch {
        response.writeHead(404).end()
      }
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  })
  afterAll(() => server.close())
}

const PUBLISH = `#!/bin/sh
mkdir -p live && cp "$KNOWNGOOD_DIR/index.html" live/index.html
`

export type Released = { site: Restorable; good: string; bad: string }

/**
 * A production that a target of that kind published, frozen; then a bad page was released over it, the data changed, and
 * unless it stays the remote went away. `check` proves what is live; by default the page that is served.
 */
export async function releasedAndCut(
  targets: string,
  more: { check?: string; files?: Record<string, string>; remote?: 'stays' } = {},
): Promise<Released> {
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const page = `{ url: "http://127.0.0.1:${port}/", contains: "BUILD_ID: {id}" }`
  const site = await restorable({
    config: [
      `deploy: { targets: [${targets}] }`,
      'build: { stamp: [{ file: index.html, text: "<!-- BUILD_ID: {id} -->" }] }',
      `verify: { timeout: 5s, reads: 2, checks: [${more.check ?? page}] }`,
      '',
    ].join('\n'),
  })
  const { repo, root } = site
  served = root
  mkdirSync(join(root, 'live'))
  writeFileSync(join(root, '.git/info/exclude'), 'live/\npublish\nservice\nproduction/\n')
  writeFileSync(join(root, 'publish'), PUBLISH, { mode: 0o755 })
  const release = (text: string): string => {
    const commit = repo.commit(text, { 'index.html': `<h1>${text}</h1>\n`, ...more.files })
    repo.sh('push', '--quiet', 'origin', 'main', 'main:refs/heads/prod-current')
    repo.sh('fetch', '--quiet')
    writeFileSync(join(root, 'live/index.html'), `<h1>${text}</h1>\n<!-- BUILD_ID: ${commit} -->\n`)
    return commit
  }
  const good = release('Good')
  await site.backup('baseline', { name: 'immaculate-1' })
  const bad = release('Bad')
  site.change()
  if (more.remote !== 'stays') renameSync(join(root, '../origin.git'), join(root, '../away.git'))
  return { site, good, bad }
}
