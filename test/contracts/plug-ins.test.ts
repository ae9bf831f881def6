import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, matchesGlob } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Action, Call, Step } from '../../src/core/plan.ts'
import type { DeployContext, PlugIn, RepoView } from '../../src/core/plug-in.ts'
import { sources } from '../../src/sources/registry.ts'
import { targets } from '../../src/targets/registry.ts'
import { minimalSources, minimalTargets } from '../helpers/minimal.ts'
import { repository, temporaryFolder } from '../helpers/repository.ts'

type Row = { room: 'source' | 'target'; use: string; plugIn: PlugIn<unknown>; least: Record<string, unknown> }

const all: Row[] = [
  ...Object.entries(sources).map(([use, plugIn]) => ({
    room: 'source' as const,
    use,
    plugIn: plugIn as PlugIn<unknown>,
    least: minimalSources[use as keyof typeof sources],
  })),
  ...Object.entries(targets).map(([use, plugIn]) => ({
    room: 'target' as const,
    use,
    plugIn: plugIn as PlugIn<unknown>,
    least: minimalTargets[use as keyof typeof targets],
  })),
]

const hostile = { dir: '/tmp/--output=pwn $(touch pwn)', commit: 'a'.repeat(40), buildId: '`touch pwn`; --x' }

describe('the registries', () => {
  test.each(['sources', 'targets'])('list every plug-in of %s by the name of its file', (room) => {
    const listed = Object.keys(room === 'sources' ? sources : targets)
    const files = readdirSync(new URL(`../../src/${room}`, import.meta.url))
      .filter((file) => file.endsWith('.ts'))
      .filter((file) =>
        readFileSync(new URL(`../../src/${room}/${file}`, import.meta.url), 'utf8').match(
          /^export const \w+: (Source|Target)\b/m,
        ),
      )
      .map((file) => file.replace(/\.ts$/, ''))
    expect(listed.toSorted()).toEqual(files.toSorted())
  })
})

describe.each(all)('$room $use', ({ room, use, plugIn, least }) => {
  const options = () => plugIn.options.parse(least)

  test('goes by its name and says what it is in one sentence', () => {
    expect(plugIn.use).toBe(use)
    expect(plugIn.says).toMatch(/^[A-Z].*\.$/)
    expect(plugIn.says).not.toContain('\n')
  })

  test('accepts the least, and refuses keys it does not know and values of another kind', () => {
    expect(() => options()).not.toThrow()
    expect(() => plugIn.options.parse({ ...least, surprise: 1 })).toThrow(/surprise/)
    for (const key of Object.keys(least)) {
      expect(() => plugIn.options.parse({ ...least, [key]: 7 })).toThrow(/expected|invalid/i)
    }
    expect(() => plugIn.options.parse(null)).toThrow(/expected/)
  })

  test('detects by reading only, and what it finds are options it takes', async () => {
    const files: Record<string, string> = {
      'data/app.db': '',
      'deploy.sh': '#!/bin/sh\ntouch pwn\n',
      'uploads/a.png': '',
      '.env.example': 'DATABASE_URL=postgres://localhost/app\nREDIS_URL=redis://localhost\n',
      'compose.yml': 'services:\n  api:\n    build: .\n    image: mosaic-api\n',
      'convex.json': '{}',
      'convex/schema.ts': '',
      'netlify.toml': '[build]\n  publish = "../out"\n',
      'vercel.json': '{}',
      'ecosystem.config.cjs': "module.exports = { apps: [{ name: 'api', script: 'x' }] }",
      'package.json': '{"dependencies":{"convex":"1","pg":"8","ioredis":"5"}}',
    }
    const asked: string[] = []
    const repo: RepoView = {
      read: async (path) => (asked.push(path), files[path] ?? null),
      glob: async (pattern) => Object.keys(files).filter((path) => matchesGlob(path, pattern)),
    }
    for (const found of await plugIn.detect(repo)) {
      expect(() => plugIn.options.parse(found.options)).not.toThrow()
      expect(found.where).not.toBe('')
    }
    expect(asked.every((path) => !path.startsWith('/') && !path.includes('..'))).toBe(true)
  })

  test('has a fix for everything its doctor finds', async () => {
    const { root } = repository()
    const checks = await plugIn.doctor(options(), { root, git: { remote: 'nowhere', branch: 'main' } })
    for (const check of checks) {
      expect(check.id).not.toBe('')
      expect(check.says).not.toBe('')
      expect(check.ok === true || check.fix !== '').toBe(true)
    }
  })

  test('names its calls after itself', () => {
    for (const name of Object.keys(plugIn.calls)) expect(name.startsWith(`${use}.`)).toBe(true)
  })

  test('looks where there is nothing without making anything, and says why it does not know', async () => {
    const root = temporaryFolder()
    const place = { root, git: { remote: 'origin', branch: 'main' } }
    const seen =
      room === 'source'
        ? (await sources[use as keyof typeof sources].observe(options() as never, place)).schema
        : await targets[use as keyof typeof targets].observe(options() as never, place)
    expect(seen.ok || (seen.because !== '' && seen.fix !== '')).toBe(true)
    expect(readdirSync(root)).toEqual([])
  })
})

describe.each(Object.entries(targets))('%s, as a step', (use, target) => {
  const context: DeployContext = {
    id: `target.${use}`,
    ...hostile,
    from: 'b'.repeat(40),
    rewinds: false,
    remote: '--upload-pack=pwn',
    branch: '--output=pwn',
    lock: 'nonce',
  }
  const refs: DeployContext = {
    ...context,
    dir: { $: 'artefact.dir' },
    commit: { $: 'revert.oid' },
    buildId: { $: 'revert.buildId' },
  }
  const steps = [context, refs].flatMap((one) => {
    const options = target.options.parse(minimalTargets[use as keyof typeof targets]) as never
    return [target.deploy(options, one), target.back(options, one)]
  })

  test.each(steps.map((step, i) => [i, step] as const))(
    '%i is plain data, survives the journal and keeps its id',
    (_, step) => {
      expect(JSON.parse(JSON.stringify(step))).toEqual(step)
      expect(step.id).toBe(context.id)
      expect(step.effect).toBe('outward')
      expect(step.fence).toBe(true)
    },
  )

  test('can always be asked what is really there, by calls it has', () => {
    for (const step of steps) {
      expect(step.probe).toBeDefined()
      for (const call of callsOf(step)) {
        expect(Object.keys(target.calls)).toContain(call.name)
        expect(call.says).not.toBe('')
      }
    }
  })

  test('hands names over as arguments of their own, never to a shell', () => {
    for (const step of steps) {
      for (const argv of step.actions.flatMap(argvOf)) {
        expect(argv[0]).not.toMatch(/^(ba|z|da)?sh$/)
        // An option-like name never stands where git would read an option.
        expect(argv[0] !== 'git' || argv.indexOf(context.remote) > argv.indexOf('--')).toBe(true)
      }
    }
    expect(existsSync(join(process.cwd(), 'pwn'))).toBe(false)
  })

  test('is the same for the same context', () => {
    const options = target.options.parse(minimalTargets[use as keyof typeof targets]) as never
    expect(target.deploy(options, context)).toEqual(target.deploy(options, context))
  })
})

function callsOf(step: Step): Call[] {
  const actions: (Action | undefined)[] = [...step.actions, ...(step.undo ?? []), step.capture, step.probe]
  return actions.filter((action) => action?.do === 'call')
}

function argvOf(action: Action): unknown[][] {
  if (action.do === 'exec') return [action.argv]
  return action.do === 'call' ? action.byHand : action.execs.map((exec) => exec.argv)
}
