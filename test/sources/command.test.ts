import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { command } from '../../src/sources/command.ts'
import { roundTrip, sourceAtWork } from '../helpers/source-round-trip.ts'
import { temporaryFolder } from '../helpers/temp.ts'

const capture = ['cp', 'state.txt', '{out}']
const restore = ['cp', '{in}', 'state.txt']

function project(options: Record<string, unknown> = { capture, restore }) {
  const root = temporaryFolder()
  writeFileSync(join(root, 'state.txt'), 'one')
  const told = { source: command as never, options, root }
  const live = () => readFileSync(join(root, 'state.txt'), 'utf8')
  return { root, told, live, at: sourceAtWork(told) }
}

describe('commands of the team', () => {
  test('capture and restore, and what was there goes back', async () => {
    const { root, told, live } = project()
    await roundTrip(told, live, () => writeFileSync(join(root, 'state.txt'), 'two'))
  })

  test('write a file that ends as they like it, and may leave others beside it', async () => {
    const script =
      "require('fs').writeFileSync(process.argv[1], process.argv[1]); require('fs').writeFileSync(process.argv[1] + '.log', 'x')"
    const { at } = project({ capture: [process.execPath, '-e', script, '{out}'], extension: 'sql.gz' })
    const { parts } = await at.capture()
    expect(parts).toMatchObject([{ path: 'data/data.sql.gz', source: 'data', use: 'command' }])
    expect(readFileSync(join(at.stage, 'data/data.sql.gz'), 'utf8')).toMatch(/data\.sql\.gz$/)
    expect(readdirSync(join(at.stage, 'data'))).toEqual(['data.sql.gz'])
  })

  test('run with hostile words as they are, without a shell', async () => {
    const script = "require('fs').writeFileSync(process.argv[1], process.argv[2])"
    const { root, at } = project({ capture: [process.execPath, '-e', script, '{out}', '$(touch pwn); `x`'] })
    await at.capture()
    expect(readFileSync(join(at.stage, 'data/data.dump'), 'utf8')).toBe('$(touch pwn); `x`')
    expect(readdirSync(root).toSorted()).toEqual(['stage', 'state.txt'])
  })

  test('without a restore command are only put beside', async () => {
    const { root, at } = project({ capture })
    const { parts } = await at.capture()
    expect(at.restoreSteps(parts)?.swap).toBeNull()
    const steps = at.restoreSteps(parts, { live: false, dir: join(root, 'out'), urlFrom: null })
    if (steps === null) throw new Error('no steps')
    await at.run(steps.beside)
    expect(readFileSync(join(root, 'out/data.dump'), 'utf8')).toBe('one')
    await at.run(steps.drop)
  })

  test('are restored with the lines of the manifest', async () => {
    const { root, told, live, at } = project()
    const { parts } = await at.capture()
    const [part] = parts
    if (part === undefined) throw new Error('no part')
    writeFileSync(join(root, 'state.txt'), 'two')
    const lines = command.manual(command.options.parse(told.options), part)
    execFileSync('sh', ['-c', lines.join(' && ')], { cwd: at.stage, env: { ...process.env, PROJECT_DIR: root } })
    expect(live()).toBe('one')
  })

  test('may check what was captured', async () => {
    const { at } = project({ capture, check: ['grep', '-q', 'one', '{in}'] })
    const { parts } = await at.capture()
    const [part] = parts
    if (part === undefined) throw new Error('no part')
    await at.readable(part)
    writeFileSync(join(at.stage, 'data/data.dump'), 'rotten')
    await expect(at.readable(part)).rejects.toThrow('grep')
  })

  test.each([[['cp', 'a', 'b']], [['{out}']], [[]], [[' ', '{out}']]])(
    'are refused without a place for the file: %j',
    (words) => {
      expect(() => command.options.parse({ capture: words })).toThrow()
    },
  )
})
