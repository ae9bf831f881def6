import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CallRegistry, Io, Plan, Step } from '../../src/core/plan.ts'

/** Five steps that make one file each, and die where KILL_AT says: "3:before", "3:middle", "3:after", "undo:3". */
export const tinyCalls: CallRegistry = {
  'tiny.make': async ({ n }: { n: number }, io: Io) => {
    die(`${n}:before`)
    await writeFile(fileOf(io, n), 'half')
    die(`${n}:middle`)
    await writeFile(fileOf(io, n), `whole ${io.run}`)
    die(`${n}:after`)
    return { path: fileOf(io, n) }
  },
  'tiny.probe': async ({ n }: { n: number }, io: Io) => {
    const text = await readFile(fileOf(io, n), 'utf8').catch(() => null)
    const state =
      text === null ? 'absent' : text === 'half' ? 'partial' : text === `whole ${io.run}` ? 'done' : 'foreign'
    return { state, saw: text, gives: { path: fileOf(io, n) } }
  },
  'tiny.remove': async ({ n }: { n: number }, io: Io) => {
    die(`undo:${n}`)
    if (process.env['UNDO_FAILS'] === String(n)) throw new Error('it is stuck')
    await rm(fileOf(io, n), { force: true })
    await writeFile(join(io.root, 'undone'), `${n}`, { flag: 'a' })
    return {}
  },
  'tiny.fail': async () => {
    throw new Error('it broke: https://ana:hunter22@example.org')
  },
  'tiny.say': async ({ text }: { text: string }, io: Io) => {
    io.line(text)
    return {}
  },
  'tiny.always': async (input: { outcome: string | null }, io: Io) => {
    await writeFile(join(io.root, 'always'), String(input.outcome))
    return {}
  },
  'lock.fence': async () => ({}),
}

function fileOf(io: Io, n: number): string {
  return join(io.root, 'made', String(n))
}

function die(at: string): void {
  if (process.env['KILL_AT'] === at) process.kill(process.pid, 'SIGKILL')
}

export function tinyCall(name: string, input: object = {}) {
  return { do: 'call' as const, name, input: input as never, says: name, byHand: [] }
}

export function make(n: number, rest: Partial<Step> = {}): Step {
  return {
    id: `make.${n}`,
    title: `Make ${n}`,
    effect: 'local',
    actions: [tinyCall('tiny.make', { n })],
    gives: ['path'],
    probe: tinyCall('tiny.probe', { n }),
    undo: [{ ...tinyCall('tiny.remove', { n }), byHand: [['rm', `made/${n}`]] }],
    stop: 'before',
    onFail: 'undo',
    ...rest,
  }
}

/**
 * The id of this process's run, the same in the programs it starts: a run that is put back ends every process that
 * carries its id, and other test files run at the same time.
 */
export const run = (process.env['TINY_RUN'] ??= `deploy-20251121_120711Z-${process.pid.toString(36)}`)

export function tinyPlan(steps: Step[], rest: Partial<Plan> = {}): Plan {
  return {
    schema: 1,
    op: 'deploy',
    tool: '0.1.0',
    title: 'Make five files',
    request: {},
    names: { run },
    basis: {},
    holds: [],
    warnings: [],
    asks: [],
    loses: [],
    certifiedBy: null,
    audit: { required: true, event: 'deploy', subject: 'tiny' },
    locks: true,
    steps,
    always: [
      {
        ...make(0),
        id: 'always',
        title: 'Tidy up',
        actions: [tinyCall('tiny.always', { outcome: { $: 'run.outcome' } })],
        gives: [],
        undo: [],
      },
    ],
    ...rest,
  }
}

export const five = [1, 2, 3, 4, 5].map((n) => make(n))

export async function tinyRoot(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'kg-run-'))
  await mkdir(join(root, 'made'))
  return root
}
