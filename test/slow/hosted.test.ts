import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { adopted } from '../helpers/adopted.ts'
import { hostTool } from '../helpers/host-tool.ts'
import { netlifyApi } from '../helpers/netlify-api.ts'
import { vercelApi } from '../helpers/vercel-api.ts'

/**
 * A team on a host, from `init` to a release and back, with the host's real CLI: what a live check reads is what that CLI sent. A CLI
 * on PATH is used, and KNOWNGOOD_SLOW=1 installs it.
 */
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'knowngood-test-')))
const before = { ...process.env }
const CANARY = 'canaryOfThisTest00000000'
const page = (text: string) => `<!doctype html><title>${text}</title><!-- BUILD_ID:none -->\n`
const timeout = { timeout: 600_000 }
const [NETLIFY, VERCEL] = ['netlify-cli@27.10.2', 'vercel@60.0.0']
const there: Record<string, true | string> = {}

beforeAll(() => {
  there['netlify'] = hostTool(folder, 'netlify', NETLIFY)
  there['vercel'] = hostTool(folder, 'vercel', VERCEL)
}, 600_000)
afterAll(() => {
  process.env = before
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
})

describe.runIf(process.env['KNOWNGOOD_SLOW'] === '1')('a team on a host, with its real CLI', () => {
  test('Netlify: from init to a release, to one that production does not serve, and back', timeout, async (context) => {
    if (there['netlify'] !== true) return context.skip(there['netlify'])
    const api = await netlifyApi()
    try {
      const team = await taken(
        'mosaic',
        {
          'package.json': manifest('mosaic', `${api.site}/index.html`, 'netlify deploy --prod --dir public'),
          'netlify.toml': '[build]\n  publish = "public"\n',
          '.netlify/state.json': '{ "siteId": "00000000-0000-4000-8000-000000000001" }\n',
          'public/index.html': page('one'),
        },
        // Where no internet is, the CLI finds a site by its name alone.
        (text) => text.replace(/site: "?[0-9a-f-]{36}"?/, 'site: mosaic'),
      )
      Object.assign(team.env, { NETLIFY_API_URL: api.url, NETLIFY_AUTH_TOKEN: CANARY })
      await team.byHand('netlify', 'deploy', '--prod', '--no-build', '--dir', 'public', '--site', 'mosaic')
      const live = async () => await (await fetch(`${api.site}/index.html`)).text()
      const [first, second] = await twoReleases(team, live)
      expect(api.deploys.map(({ title }) => title)).toEqual([
        expect.stringContaining(second),
        expect.stringContaining(first),
        null,
      ])

      // The site is locked to what it serves: the step ends, the host goes back and the branch with it.
      const [locked] = api.deploys
      api.state.locked = true
      writeFileSync(join(team.root, 'public/index.html'), page('three'))
      await team.commit('Say three')
      await team.done('gate')
      const failed = await team.kg(['deploy', '--yes', '--json'])
      expect([failed.exit, failed.json['error']]).toEqual([4, expect.stringContaining('Deployments are "locked"')])
      expect([api.state.published, await live()]).toEqual([locked?.id, expect.stringContaining(second)])
      await team.sh('fetch', '--quiet')
      expect(await team.sh('rev-parse', 'origin/main')).toBe(second)
      api.state.locked = false

      const back = await team.back(first)
      expect(await live()).toContain('<title>one</title>')
      expect(await live()).toContain(String(back['buildId']))
      team.silent()
    } finally {
      api.close()
    }
  })

  test('Vercel, and no remote: from init to a release, and back by its instant rollback', timeout, async (context) => {
    if (there['vercel'] !== true) return context.skip(there['vercel'])
    const api = await vercelApi()
    try {
      const team = await taken(
        'mosaic',
        {
          'package.json': manifest('mosaic', `${api.site}/public/index.html`, 'vercel --prod'),
          'vercel.json': '{ "alias": ["mosaic.vercel.app"] }\n',
          '.vercel/project.json': '{ "projectId": "prj_1", "orgId": "team_1" }\n',
          'public/index.html': page('one'),
        },
        (text) => text.replace('use: vercel', `use: vercel, command: [vercel, --api, "${api.url}"]`),
      )
      Object.assign(team.env, { VERCEL_TOKEN: CANARY, VERCEL_TELEMETRY_DISABLED: '1' })
      await team.sh('remote', 'remove', 'origin')
      await team.byHand('vercel', '--api', api.url, 'deploy', '--prod', '--yes')
      const live = async () => await (await fetch(`${api.site}/public/index.html`)).text()
      const [first] = await twoReleases(team, live)
      await team.back(first)
      expect(await live()).toContain(`BUILD_ID:${first}`)
      expect(api.asked.filter((line) => /^POST .*\/rollback\//.test(line))).toHaveLength(1)
      expect(api.deployments).toHaveLength(3)
      team.silent()
    } finally {
      api.close()
    }
  })
})

function manifest(name: string, homepage: string, deploy: string): string {
  return JSON.stringify({ name, version: '1.0.0', private: true, homepage, scripts: { deploy } })
}

type Team = Awaited<ReturnType<typeof taken>>

/** A team with these files; `init` and everything after it are its own to call. */
async function taken(name: string, files: Record<string, string>, told: (text: string) => string) {
  const team = await adopted({ name, page: 'public/index.html', files })
  Object.assign(team.env, { HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder, PATH: process.env['PATH'] })
  const outputs: string[] = []
  const done = async (...args: string[]) => {
    const { exit, json, out, err } = await team.kg([...args, '--json'])
    outputs.push(out, err)
    expect([args, exit, exit === 0 ? '' : out + err]).toEqual([args, 0, ''])
    return json
  }
  const commit = async (subject: string) => {
    await team.sh('add', '--all')
    await team.sh('commit', '--quiet', '-m', subject)
    return await team.sh('rev-parse', 'HEAD')
  }
  const back = async (commit: string) => {
    const all = (await done('rollback'))['candidates'] as { id: string; commit: string }[]
    return await done(
      'rollback',
      all.find((one) => one.commit === commit)?.id ?? '',
      '--reason',
      'a test',
      `--confirm=${name}-production`,
    )
  }
  /** As the team releases without Knowngood. */
  const byHand = (program: string, ...args: string[]) =>
    execa(program, args, { cwd: team.root, env: team.env, extendEnv: false, stdin: 'ignore' })
  const silent = () => expect(outputs.join('\n')).not.toContain(CANARY)
  return { ...team, done, commit, back, byHand, silent, told }
}

/** `init --yes`, a doctor with nothing to say against it, and two releases that production serves; their commits. */
async function twoReleases({ done, commit, root, told }: Team, live: () => Promise<string>) {
  await done('init', '--yes')
  const file = join(root, 'knowngood.yaml')
  writeFileSync(file, told(readFileSync(file, 'utf8')))
  expect((await done('doctor'))['checks']).not.toContainEqual(expect.objectContaining({ ok: false }))
  const commits: [string, string] = ['', '']
  for (const [index, text] of ['one', 'two'].entries()) {
    writeFileSync(join(root, 'public/index.html'), page(text))
    commits[index] = await commit(`Say ${text}`)
    await done('backup', 'quick')
    await done('gate')
    expect(await done('deploy', '--yes')).toMatchObject({ buildId: commits[index] })
    expect(await live()).toContain(`BUILD_ID:${commits[index]}`)
    await done('verify-live')
  }
  expect((await done('status'))['ok']).toBe(true)
  return commits
}
