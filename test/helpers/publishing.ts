import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, vi } from 'vitest'
import { run as bundle } from '../../src/commands/bundle.ts'
import { run as publish } from '../../src/commands/publish.ts'
import { observe } from '../../src/facts/observe.ts'
import { headless } from './context.ts'
import { fakeGitHub, TOKEN } from './github.ts'
import { projectAt } from './project.ts'
import { repository } from './repository.ts'

/** One GitHub for a file of tests, empty again before each; the token is where `publish` looks for it. */
export function github() {
  let made: Awaited<ReturnType<typeof fakeGitHub>> | null = null
  const there = () => {
    if (made === null) throw new Error('GitHub is not there yet')
    return made
  }
  beforeAll(async () => {
    made = await fakeGitHub()
    vi.stubEnv('GITHUB_TOKEN', TOKEN)
    vi.stubEnv('GH_TOKEN', '')
    vi.stubEnv('GITHUB_API_URL', there().url)
  })
  afterEach(() => there().reset())
  afterAll(async () => {
    vi.unstubAllEnvs()
    await made?.close()
  })
  return there
}

/** A repository at a version, its tag there and at GitHub, and the verbs on it. */
export function publishing(tags: Map<string, string>, size = 2_000) {
  const repo = repository()
  const { root } = repo
  repo.write('.gitignore', '.knowngood/\nbackups/\nreleases/\n.verification_audit.log\n')
  const page = randomBytes(size).toString('base64')
  const commit = repo.commit('Version', {
    'package.json': '{ "version": "1.0.1" }\n',
    'page.txt': page,
    '.gitignore': 'releases/\n',
  })
  repo.sh('tag', 'v1.0.1')
  tags.set('v1.0.1', commit)
  const project = projectAt(root, {
    version: { file: 'package.json' },
    github: { repository: 'ana/mosaic', api: null, token: null },
    disk: { free: 1, folder: 500e6, volume: 80 },
  })
  let second = 0
  const context = headless(root, {
    json: true,
    now: () => new Date(Date.now() + (second += 1) * 1000),
    project: async () => project,
    facts: async () => observe(project, { remote: true, live: false, operator: 'ana' }),
  })
  const names = (ending: string) => readdirSync(join(root, 'releases')).filter((name) => name.endsWith(ending))
  return {
    ...repo,
    commitOf: commit,
    project,
    context,
    bundle: async () => bundle(context, [], {}),
    publish: async (tag = 'v1.0.1', options = {}) => publish(context, [tag], options),
    names,
    lock: () =>
      JSON.parse(readFileSync(join(root, 'releases', names('.lock.json').toSorted().at(-1) ?? ''), 'utf8')) as Record<
        string,
        unknown
      >,
  }
}
