import { execFile, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { askArgs, deploymentIn, exportArgs, importArgs } from '../../../src/sources/convex/cli.ts'
import type { Told } from '../../../src/sources/convex/cli.ts'
import { fakeConvex } from '../../helpers/convex.ts'
import { npmTool } from '../../helpers/npm-tool.ts'
import { temporaryFolder } from '../../helpers/repository.ts'

const told = (more: Partial<Told> = {}): Told => ({
  name: 'convex',
  deployment: 'happy-sturgeon-123',
  command: ['convex'],
  dir: '.',
  fileStorage: true,
  replace: 'tables',
  idleMs: 60_000,
  ...more,
})

/** Every way in which the CLI is called. */
const calls = [
  askArgs(told()),
  exportArgs(told(), 'out.zip'),
  importArgs(told(), 'in.zip'),
  importArgs(told({ replace: 'all' }), 'in.zip'),
]

describe('the way the Convex CLI is called', () => {
  test('is what its own help says (recorded from convex 1.48.0)', () => {
    const help = readFileSync(new URL('../../fixtures/convex-help.txt', import.meta.url), 'utf8')
    for (const [, command = '', ...words] of calls) {
      const own = help.slice(help.indexOf(`Usage: convex ${command}`)).split('Usage: convex ')[1] ?? ''
      for (const option of words.filter((word) => word.startsWith('-')))
        expect(own).toMatch(new RegExp(`^ +${option}\\b`, 'm'))
    }
  })

  test('is understood by the fake, which knows nothing else', () => {
    const { env } = fakeConvex(temporaryFolder(), 'happy-sturgeon-123')
    for (const [program = '', ...words] of calls) {
      const { stderr } = spawnSync(program, [...words, '--bogus'], {
        env: { ...process.env, ...env },
        encoding: 'utf8',
      })
      expect(stderr).toContain("unknown option '--bogus'")
    }
  })
})

describe('the real Convex CLI', () => {
  const folder = temporaryFolder()
  let tool: { bin: string } | string = ''
  let server: Server

  beforeAll(async () => {
    tool = npmTool(join(folder, 'tool'), 'convex@1.48.0')
    mkdirSync(join(folder, 'project'))
    writeFileSync(join(folder, 'project/package.json'), '{"dependencies":{"convex":"1.48.0"}}')
    // What the CLI asks its maker before it acts: whose key this is.
    server = createServer((request, response) => {
      const key = {
        deploymentName: 'happy-sturgeon-123',
        deploymentType: 'prod',
        url: 'http://127.0.0.1:1',
        adminKey: 'x',
      }
      const owner = { team: 'mosaic', project: 'mosaic', teamId: 1, projectId: 1 }
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(request.url?.includes('team_and_project') ? owner : key))
    })
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  })
  afterAll(() => void server.close())

  /** Runs it with a production key, and nobody but the loopback to talk to. */
  function run(bin: string, words: readonly string[]): Promise<{ out: string; err: string }> {
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : 0
    const env = {
      PATH: `${bin}${delimiter}${process.env['PATH']}`,
      HOME: folder,
      CI: '1',
      CONVEX_PROVISION_HOST: `http://127.0.0.1:${port}`,
      CONVEX_DEPLOY_KEY: 'prod:happy-sturgeon-123|canary',
    }
    return new Promise((resolve) => {
      execFile('convex', [...words], { cwd: join(folder, 'project'), env, timeout: 40_000 }, (_, out, err) =>
        resolve({ out, err }),
      )
    })
  }

  test('understands every word', async (context) => {
    if (typeof tool === 'string') return context.skip(tool)
    const { bin } = tool
    const said = await Promise.all(calls.map(([, ...words]) => run(bin, [...words, '--bogus'])))
    for (const { err } of said) expect(err).toContain("error: unknown option '--bogus'")
  })

  test('says which deployment it acts on', async (context) => {
    if (typeof tool === 'string') return context.skip(tool)
    const { out } = await run(tool.bin, askArgs(told()).slice(1))
    expect(deploymentIn(out.split('\n'))).toBe('happy-sturgeon-123')
  })
})
