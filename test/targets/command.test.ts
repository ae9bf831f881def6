import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { DeployContext } from '../../src/core/plug-in.ts'
import { commandCalls } from '../../src/targets/command-calls.ts'
import { command } from '../../src/targets/command.ts'
import { missingProgram } from '../../src/world/programs.ts'
import { testIo } from '../helpers/io.ts'
import { temporaryFolder } from '../helpers/repository.ts'

const { 'command.run': run, 'command.probe': probe } = commandCalls
const values = { dir: '/srv/$(x)', commit: 'a'.repeat(40), buildId: 'id"; touch pwn', cwd: null }
const context: DeployContext = {
  ...values,
  id: 'target.command',
  from: null,
  rewinds: false,
  remote: 'origin',
  branch: 'main',
  lock: null,
}
const options = (given: Record<string, unknown>) => command.options.parse(given)

describe('the command', () => {
  test('is a plain child, what is released in its arguments and its environment', () => {
    const step = command.deploy(options({ run: ['rsync', '{dir}/', 'web:/srv', '{commit}'] }), context)
    expect(step.actions).toEqual([
      {
        do: 'exec',
        argv: ['rsync', '/srv/$(x)/', 'web:/srv', context.commit],
        env: { KNOWNGOOD_DIR: '/srv/$(x)', KNOWNGOOD_COMMIT: context.commit, KNOWNGOOD_BUILD_ID: values.buildId },
        idleMs: 900_000,
        timeoutMs: 900_000,
        okCodes: [0],
      },
    ])
    expect(step.undo).toBeUndefined()
    expect(step.onFail).toBe('halt')
  })

  test('keeps what is only known later as a reference, alone or inside a word', () => {
    const later: DeployContext = { ...context, dir: { $: 'artefact.dir' } }
    expect(command.deploy(options({ run: ['cp', '{dir}'] }), later).actions).toMatchObject([
      { do: 'exec', argv: ['cp', { $: 'artefact.dir' }] },
    ])
    expect(command.deploy(options({ run: ['cp', '{dir}/x'] }), later).actions).toMatchObject([
      { name: 'command.run', input: { words: ['cp', '{dir}/x'], dir: { $: 'artefact.dir' } } },
    ])
  })

  test('in a folder of its own is run from there', () => {
    const step = command.deploy(options({ run: ['./deploy', '{commit}'], cwd: 'ops' }), context)
    expect(step.actions).toMatchObject([
      { name: 'command.run', input: { cwd: 'ops' }, byHand: [['./deploy', context.commit]] },
    ])
  })

  test('goes back its own way when it has one', () => {
    const own = options({ run: ['./deploy'], back: ['./back', '{commit}'] })
    expect(command.back(own, context).actions).toMatchObject([{ argv: ['./back', context.commit] }])
    expect(command.back(options({ run: ['./deploy'] }), context).actions).toMatchObject([{ argv: ['./deploy'] }])
  })

  test('runs with hostile words as they are', async () => {
    const root = temporaryFolder()
    const script =
      "require('fs').writeFileSync('seen.json', JSON.stringify([process.argv.slice(1), process.env.KNOWNGOOD_BUILD_ID]))"
    const io = testIo(root)
    await run({ ...values, words: [process.execPath, '-e', script, '{dir}/x', '{build_id}'], timeoutMs: 10_000 }, io)
    expect(JSON.parse(readFileSync(join(root, 'seen.json'), 'utf8'))).toEqual([
      ['/srv/$(x)/x', values.buildId],
      values.buildId,
    ])
    expect(existsSync(join(root, 'pwn'))).toBe(false)
  })

  test('that fails, fails the step with what it said', async () => {
    const io = testIo(temporaryFolder())
    const failing = run(
      {
        ...values,
        words: [process.execPath, '-e', "console.error('no room left'); process.exit(3)"],
        timeoutMs: 10_000,
      },
      io,
    )
    await expect(failing).rejects.toMatchObject({ output: ['no room left'] })
    expect(io.lines).toEqual(['no room left'])
  })

  test.each([
    [0, 'done'],
    [75, 'settling'],
    [1, 'absent'],
  ])('whose status ends with %i is %s', async (code, state) => {
    const io = testIo(temporaryFolder())
    expect(await probe({ ...values, status: [process.execPath, '-e', `process.exit(${code})`] }, io)).toMatchObject({
      state,
    })
  })

  test('without a status, nobody can tell', async () => {
    expect(await probe({ ...values, status: null }, testIo(temporaryFolder()))).toMatchObject({ state: 'unknown' })
  })

  test('is looked for before it is needed', async () => {
    const root = temporaryFolder()
    writeFileSync(join(root, 'plain.sh'), '')
    expect(await missingProgram('git', root)).toBeNull()
    expect(await missingProgram('no-such-program', root)).toMatch(/PATH/)
    expect(await missingProgram('./plain.sh', root)).toMatch(/may not be executed/)
    const checks = await command.doctor(options({ run: ['./plain.sh'], status: ['git', 'x'] }), {
      root,
      git: { remote: 'o', branch: 'm' },
    })
    expect(checks.map(({ ok }) => ok)).toEqual([false, true])
  })
})
