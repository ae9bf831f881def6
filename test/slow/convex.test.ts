import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { adopted } from '../helpers/adopted.ts'
import { convexCloud } from '../helpers/convex-cloud.ts'

/** A Convex app, its real CLI, installed by the app's own lock file, and servers on the loopback. */
const slow = process.env['KNOWNGOOD_SLOW'] === '1'
const [DEPLOYMENT, WANTED] = ['happy-sturgeon-123', '1.48.0']
const messages = (text: string) =>
  `import { query } from './_generated/server'\nexport const list = query({ args: {}, handler: async () => '${text}' })\n`
const FILES = {
  'package.json': JSON.stringify({
    name: 'chat',
    version: '1.0.0',
    private: true,
    homepage: 'https://site.invalid/index.html',
    scripts: { deploy: 'convex deploy' },
    dependencies: { convex: WANTED },
  }),
  'convex.json': `{ "prodUrl": "https://${DEPLOYMENT}.convex.cloud" }\n`,
  'convex/schema.ts': [
    "import { defineSchema, defineTable } from 'convex/server'",
    "import { v } from 'convex/values'",
    'export default defineSchema({ messages: defineTable({ text: v.string() }) })\n',
  ].join('\n'),
  'convex/messages.ts': messages('one'),
  'index.html': '<!doctype html><title>Chat</title><!-- BUILD_ID:none -->\n',
  '.gitignore': 'node_modules/\n',
}
let cloud: Awaited<ReturnType<typeof convexCloud>>

describe.runIf(slow)('a Convex app with its real CLI', () => {
  beforeAll(async () => {
    cloud = await convexCloud(DEPLOYMENT, await exported())
  })
  afterAll(() => cloud.close())

  test(
    'goes from init to a release, a backup and back; a push that asks or does not fit ends',
    { timeout: 300_000 },
    async () => {
      const { root, env, kg, sh } = await adopted({ name: 'chat', page: 'index.html', files: FILES })
      Object.assign(env, cloud.env)
      await execa('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts'], { cwd: root })
      const done = async (...args: string[]) => {
        const { exit, json, out, err } = await kg([...args, '--json'])
        expect([args, exit, exit === 0 ? '' : out + err]).toEqual([args, 0, ''])
        return json
      }
      const commit = async (subject: string) => {
        await sh('add', '--all')
        await sh('commit', '--quiet', '-m', subject)
      }
      const next = async (text: string) => {
        writeFileSync(join(root, 'convex/messages.ts'), messages(text))
        await commit(`Say ${text}`)
        await done('gate')
        return await kg(['deploy', '--yes', '--json'])
      }
      const live = () => cloud.pushes.map(({ code }) => /return ?["'](\w+)|=> ["'](\w+)/.exec(code)?.slice(1).join(''))

      await done('init', '--yes')
      expect((await done('doctor'))['checks']).not.toContainEqual(expect.objectContaining({ ok: false }))
      await commit('Take up Knowngood')
      await done('backup', 'full')
      await done('gate')
      await done('deploy', '--yes')
      expect((await next('two')).exit).toBe(0)
      expect(cloud.pushes.map(({ paths }) => paths)).toEqual([['messages.js'], ['messages.js']])
      expect((await done('status'))['ok']).toBe(true)
      const [first] = (await done('rollback'))['candidates'] as { id: string }[]
      await done('rollback', first?.id ?? '', '--reason', 'a test', '--confirm=chat-production')
      expect(live()).toEqual(['one', 'two', 'one'])

      // It would ask about a large index, and nobody is there: the branch goes back to what it was.
      await commit('Keep the logs')
      await sh('fetch', '--quiet')
      await sh('merge', '--quiet', '--strategy=ours', '--no-edit', 'origin/main')
      cloud.state.large = true
      const asked = await next('three')
      expect(asked).toMatchObject({ exit: 4, json: { ok: false } })
      expect(asked.out).toMatch(/when that change is meant, add large-indexes or unstaging-schema to allow/)
      Object.assign(cloud.state, { large: false, misfit: true })
      const misfit = await next('four')
      expect(misfit.exit).toBe(4)
      expect(misfit.out).toMatch(
        /the schema does not fit the data that happy-sturgeon-123 holds, and nothing was changed/,
      )
      expect(live()).toEqual(['one', 'two', 'one'])
    },
  )
})

/** What the deployment holds, as an export brings it. */
async function exported(): Promise<Buffer> {
  const zip =
    'mkdir users _tables; echo \'{"_id":"a"}\' >users/documents.jsonl; echo \'{"name":"users","id":1}\' >_tables/documents.jsonl; zip -qr - .'
  const { stdout } = await execa('sh', ['-c', `cd "$(mktemp -d)" && ${zip} && rm -r "$PWD"`], { encoding: 'buffer' })
  return Buffer.from(stdout)
}
