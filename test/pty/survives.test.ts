import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { EXIT } from '../../src/core/failure.ts'
import { statePaths } from '../../src/core/paths.ts'
import { readJournal } from '../../src/run/journal.ts'
import { listRuns } from '../../src/run/summary.ts'
import { built } from '../helpers/built.ts'
import { operator } from '../helpers/operator.ts'
import { open } from '../helpers/pty.ts'
import { press } from '../helpers/walk.ts'

const size = { columns: 100, rows: 30 }
const CTRL_C = '\u0003'

/** A demo that is ready to deploy, whose remote lets a push of that ref wait until it is told to go on. */
async function waiting() {
  const at = await operator()
  const { demo } = at
  const [here, on] = [join(demo.dir, 'here'), join(demo.dir, 'on')]
  await at.ready()
  // The backup of an attempt stays, and so does what holds its commit.
  const refs = async () => (await at.sh('ls-remote', 'origin')).replaceAll(/.*refs\/knowngood\/backups.*\n?/g, '')
  const before = await refs()
  const hook = join(demo.remote, 'hooks/pre-receive')
  const terminal = (...args: string[]) => open({ argv: built(...args), cwd: demo.root, env: demo.env, ...size })
  const held = async () => vi.waitFor(() => expect(existsSync(here)).toBe(true), { timeout: 30_000, interval: 50 })
  return {
    ...at,
    before,
    refs,
    /** From now on a push of this ref waits. */
    hold(ref: string) {
      for (const file of [here, on]) rmSync(file, { force: true })
      const wait = `touch ${here}; while [ ! -e ${on} ] && [ -d ${demo.dir} ]; do sleep 0.05; done`
      writeFileSync(hook, `#!/bin/sh\nwhile read old new ref; do [ "$ref" != ${ref} ] || { ${wait}; }; done\n`, {
        mode: 0o755,
      })
    },
    held,
    /** Resolves once the newest deploy knows that it is to stop. */
    asked: async () =>
      vi.waitFor(
        async () => {
          const [run] = await listRuns(demo.root)
          const events = readFileSync(statePaths(demo.root).events(run?.id ?? ''), 'utf8')
          expect(events).toContain('Stopping at the next safe point')
        },
        { timeout: 10_000, interval: 50 },
      ),
    goOn: () => writeFileSync(on, ''),
    deploys: async () => (await listRuns(demo.root)).filter(({ op }) => op === 'deploy'),
    terminal,
    /** A dashboard in which a deploy was started, which waits in its push. */
    async deploying() {
      const screen = terminal()
      await screen.waitFor('Do next')
      await screen.waitGone('checking…')
      await press(screen, 'd')
      await screen.waitFor('Y go')
      await new Promise((resolve) => setTimeout(resolve, 400))
      await press(screen, 'Y')
      await held()
      return screen
    },
  }
}

test(
  'fault 5: a terminal that is closed stops a deploy, which is put back; ctrl-c lets its last push end',
  { timeout: 120_000 },
  async () => {
    const at = await waiting()
    at.hold('refs/heads/main')
    const closed = at.terminal('deploy', '--yes')
    await at.held()
    closed.close()
    await at.asked()
    at.goOn()
    await vi.waitFor(
      async () => expect(await at.deploys()).toMatchObject([{ state: 'ended', outcome: 'stopped', exit: 129 }]),
      { timeout: 30_000, interval: 100 },
    )
    expect(await at.refs()).toBe(at.before)
    expect((await at.kg(['resume'])).out).toBe('No run was interrupted.')

    // What is live and proven gets its name: half a certification would be neither.
    at.hold('refs/heads/prod-current')
    const certified = at.terminal('deploy', '--yes')
    await at.held()
    certified.send(CTRL_C)
    await at.asked()
    at.goOn()
    expect(await certified.waitExit(30_000)).toEqual({ code: 0, signal: 0 })
    const next = await at.sh('rev-parse', 'main')
    expect(await at.refs()).toContain(`${next}\trefs/heads/prod-current`)
  },
)

test(
  'a deploy started in the dashboard goes on when its terminal is closed; another one shows it, and stops it',
  { timeout: 120_000 },
  async () => {
    const at = await waiting()
    at.hold('refs/heads/main')
    const first = await at.deploying()
    first.close()
    await first.waitExit()
    const [run] = await at.deploys()
    expect(run).toMatchObject({ state: 'running' })

    const follower = at.start(['attach', run?.id ?? ''])
    const second = at.terminal()
    await second.waitFor(/▸ enter Watch the deploy/)
    await press(second, '\r')
    await second.waitFor('git push')
    await press(second, 's')
    await second.waitFor(/stopping at the next safe point|It stops/)
    at.goOn()
    const ended = await follower
    expect([ended.exitCode, ended.stdout]).toEqual([130, expect.stringMatching(/: stopped/)])
    expect(ended.stderr).toMatch(/done +git push/)
    await second.waitFor(/stopped/)
    second.kill('SIGKILL')
    expect(await at.refs()).toBe(at.before)
    expect((await readJournal(at.demo.root, run?.id ?? '')).at(-1)).toMatchObject({ k: 'end', outcome: 'stopped' })
  },
)

test(
  'a deploy whose process is killed is found out where it is watched, with the ways out of it',
  { timeout: 120_000 },
  async () => {
    const at = await waiting()
    at.hold('refs/heads/main')
    const screen = await at.deploying()
    const [run] = await at.deploys()
    const follower = at.start(['attach', run?.id ?? ''])
    await screen.waitFor('git push')
    process.kill(run?.pid ?? 0, 'SIGKILL')
    await screen.waitFor(/interrupted/i, 10_000)
    await screen.waitFor(/resume/i)
    const ended = await follower
    expect([ended.exitCode, ended.stderr]).toEqual([EXIT.notPutBack, expect.stringMatching(/knowngood resume/)])
    at.goOn()
    screen.kill('SIGKILL')
  },
)
