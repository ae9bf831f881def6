import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { calls } from '../../src/calls/registry.ts'
import { loadProject } from '../../src/config/load.ts'
import { parseConfig } from '../../src/config/read-config.ts'
import { UserError } from '../../src/core/failure.ts'
import { fitOf } from '../../src/plans/fitting.ts'
import { namedSources } from '../../src/plans/named-sources.ts'
import { sourceOf } from '../../src/sources/registry.ts'
import { repository } from '../helpers/repository.ts'
import { sourceAtWork } from '../helpers/source-round-trip.ts'

const SOURCE = new URL('../fixtures/my-source.js', import.meta.url).pathname

function project(use = './tools/my-source.js', options = ', file: notes.txt') {
  const { root } = repository()
  mkdirSync(join(root, 'tools'))
  copyFileSync(SOURCE, join(root, 'tools/my-source.js'))
  writeFileSync(join(root, 'notes.txt'), 'remember')
  const text = `sources:\n  notes: { use: ${use}${options} }\n`
  writeFileSync(join(root, 'knowngood.yaml'), text)
  return { root, text }
}

const refusal = async (root: string) => {
  const error = await loadProject(root).catch((thrown: unknown) => thrown)
  return error instanceof UserError ? `${error.exit} ${error.message} ${error.next.join(' ')}` : String(error)
}

describe('a source of the project’s own', () => {
  test('is loaded with the project, known by its path, and its calls can be made', async () => {
    const { root } = project()
    const loaded = await loadProject(root)
    expect(namedSources(loaded).map(({ name, use, holds }) => [name, use, holds])).toContainEqual([
      'notes',
      './tools/my-source.js',
      'runtime',
    ])
    const source = sourceOf('./tools/my-source.js')
    if (source === undefined) throw new Error('it is not known')
    expect('notes.capture' in calls).toBe(true)
    expect(fitOf(loaded, 'notes', 'notes')).toMatchObject({ name: 'notes', source, options: { file: 'notes.txt' } })
    const at = sourceAtWork({ source: { ...source, calls } as never, options: { file: 'notes.txt' }, root })
    const step = at.captureStep()
    if (step === null) throw new Error('no step')
    const given = await at.act(step)
    expect(given).toMatchObject({ parts: [{ source: 'data', path: 'data/notes.txt', bytes: 8 }] })
    expect(readFileSync(join(at.stage, 'data/notes.txt'), 'utf8')).toBe('remember')
  })

  test('is not run when a configuration is only checked', async () => {
    const { text } = project('./tools/does-not-exist.ts')
    await expect(parseConfig(text)).resolves.toMatchObject({ sources: { notes: { use: './tools/does-not-exist.ts' } } })
  })

  test.each([
    ['../outside.js', 'inside the repository'],
    ['./../outside.js', 'inside the repository'],
    ['./tools/my-source.sh', 'inside the repository'],
    ['/etc/passwd.js', 'inside the repository'],
  ])('is refused by its path: %s', async (use, why) => {
    expect(await refusal(project(use).root)).toContain(why)
  })

  test('that is not there, leads out, breaks or lacks something is refused with what it lacks', async () => {
    expect(await refusal(project('./tools/missing.js').root)).toMatch(/^2 .*there is no such file/)
    const out = project('./tools/link.js')
    symlinkSync(SOURCE, join(out.root, 'tools/link.js'))
    expect(await refusal(out.root)).toContain('leads out of the repository')
    const broken = project('./tools/broken.js')
    writeFileSync(join(broken.root, 'tools/broken.js'), 'export const source = {')
    expect(await refusal(broken.root)).toContain('could not be loaded')
    const bare = project('./tools/bare.js')
    writeFileSync(join(bare.root, 'tools/bare.js'), 'export default {}')
    expect(await refusal(bare.root)).toContain('it exports nothing named `source`')
    const half = project('./tools/half.js')
    writeFileSync(
      join(half.root, 'tools/half.js'),
      "export const source = { use: 'sqlite', says: 'x', calls: { 'a.b': 1 } }",
    )
    expect(await refusal(half.root)).toMatch(
      /there is a sqlite already.*`holds` is one of.*these are functions: detect.*unlike a\.b/,
    )
  })

  test('checks its options itself', async () => {
    expect(await refusal(project('./tools/my-source.js', '').root)).toContain('sources.notes: file is missing')
  })
})
