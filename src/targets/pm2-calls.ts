import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { StepFailed } from '../core/failure.ts'
import type { CallRegistry, Io } from '../core/plan.ts'
import { now } from '../world/clock.ts'
import { execute } from '../world/exec.ts'
import { exists } from '../world/files.ts'
import { RUN_VARIABLE } from '../world/orphans.ts'
import { pm2Releases, RELEASE_VARIABLE } from '../world/pm2.ts'
import type { Pm2Released } from '../world/pm2.ts'
import { currentRelease, keptReleases, placeRelease, pointTo, releaseFolder, removeRelease } from './release-folders.ts'
import type { Kept } from './release-folders.ts'

/** Which processes, and how they are brought to a new release. `place` and `dir` are relative to the repository or absolute. */
export type Pm2Told = {
  command: string[]
  place: string
  ecosystem: string
  apps: string[]
  by: 'reload' | 'restart'
  keep: number
  timeoutMs: number
}

type Told = { told: Pm2Told }
type Made = Told & { dir: string; commit: string; buildId: string }
type Was = Told & { was: string | null }

const LOOK_MS = 500

/** What brings the processes to the release that the link leads to. */
export function pm2Args(told: Pm2Told): string[] {
  const verb = told.by === 'reload' ? 'startOrReload' : 'startOrRestart'
  return [
    ...told.command,
    verb,
    `${told.place}/current/${told.ecosystem}`,
    '--only',
    told.apps.join(','),
    '--update-env',
  ]
}

/** What the steps of the pm2 target name. */
export const pm2Calls = {
  'pm2.capture': async ({ told }: Told, io: Io) => ({ release: await currentRelease(placeOf(told, io)) }),

  'pm2.place': async ({ told, dir, commit, buildId }: Made, io: Io) => {
    const at = now().toISOString()
    await placeRelease(placeOf(told, io), resolve(io.root, dir), { name: io.run, commit, buildId, at })
    return { release: io.run }
  },

  'pm2.serve': async ({ told, commit }: Pick<Made, 'told' | 'commit'>, io: Io) => {
    await serve(told, { name: io.run, commit }, io)
    await prune(told, io)
    return { release: io.run }
  },

  // A release that is still here is served at once; what is not is copied first.
  'pm2.return': async (made: Made, io: Io) => {
    const { told, commit, buildId } = made
    const kept = (await keptReleases(placeOf(told, io))).find((one) => one.commit === commit && one.buildId === buildId)
    if (kept === undefined) await pm2Calls['pm2.place'](made, io)
    else io.line(`the release ${kept.name} is still here`)
    const name = kept?.name ?? io.run
    await serve(told, { name, commit }, io)
    return { release: name }
  },

  'pm2.probe': async ({ told, was, commit }: Was & { commit: string }, io: Io) => {
    const place = placeOf(told, io)
    const release = await currentRelease(place)
    const kept = (await keptReleases(place)).find((one) => one.name === release)
    const apps = await ours(told, io)
    const saw = { release, apps: apps.map(({ name, state, release: of }) => ({ name, state, release: of })) }
    if (release === was) return { state: 'absent', saw }
    if (release !== io.run && kept?.commit !== commit) return { state: 'foreign', saw }
    const state = apps.length > 0 && apps.every((app) => serves(app, release)) ? 'done' : 'partial'
    return { state, saw, gives: { release } }
  },

  'pm2.back': async ({ told, was }: Was, io: Io) => {
    const place = placeOf(told, io)
    const stands = await currentRelease(place)
    if (was === null) {
      if ((await ours(told, io)).length > 0) await pm2([...told.command, 'delete', ...told.apps], told, io)
      await pointTo(place, null)
    } else if (stands !== was || (await ours(told, io)).some((app) => !serves(app, was))) {
      const kept = (await keptReleases(place)).find((one) => one.name === was)
      await serve(told, { name: was, commit: kept?.commit ?? '' }, io)
    }
    await removeRelease(place, io.run)
    return { release: was }
  },
} satisfies CallRegistry

/** The processes of this target as PM2 has them; none where no daemon runs. */
export async function appsOf(told: Pm2Told, bounds: { signal?: AbortSignal | undefined }): Promise<Pm2Released[]> {
  return ((await pm2Releases({ signal: bounds.signal })) ?? []).filter(({ name }) => told.apps.includes(name))
}

function ours(told: Pm2Told, io: Io): Promise<Pm2Released[]> {
  return appsOf(told, io)
}

function serves(app: Pm2Released, release: string | null): boolean {
  return app.state === 'online' && app.release === release
}

/** Leads the link to a release, has PM2 take it up, and waits until every process runs it and stays up. */
async function serve(told: Pm2Told, to: Pick<Kept, 'name' | 'commit'>, io: Io): Promise<void> {
  const place = placeOf(told, io)
  const file = resolve(releaseFolder(place, to.name), told.ecosystem)
  if (!(await exists(file))) throw new StepFailed('pm2', `the release has no ${told.ecosystem}`)
  await pointTo(place, to.name)
  const marks = { [RELEASE_VARIABLE]: to.name, KNOWNGOOD_COMMIT: to.commit }
  await pm2(pm2Args({ ...told, place }), told, io, marks)
  await mustStayUp(told, to.name, io)
}

/** Two looks in a row with every process online, of this release, and not started again in between. */
async function mustStayUp(told: Pm2Told, release: string, io: Io): Promise<void> {
  const until = performance.now() + told.timeoutMs
  let before: number | null = null
  for (;;) {
    const apps = await ours(told, io)
    const up =
      told.apps.every((name) => apps.some((app) => app.name === name)) && apps.every((app) => serves(app, release))
    const restarts = apps.reduce((sum, app) => sum + app.restarts, 0)
    if (up && restarts === before) return
    const broken = apps.find((app) => app.state === 'errored')
    if (broken !== undefined || performance.now() > until) {
      const says = apps.map((app) => `${app.name} is ${app.state}, started again ${app.restarts} times`)
      const missing = told.apps.filter((name) => apps.every((app) => app.name !== name))
      const why = [...says, ...missing.map((name) => `PM2 has no ${name}`)].join('; ')
      throw new StepFailed('pm2', `the processes do not stay up: ${why}. Look at: pm2 logs ${told.apps[0] ?? ''}`)
    }
    before = up ? restarts : null
    await sleep(LOOK_MS, undefined, { signal: io.signal })
  }
}

async function prune(told: Pm2Told, io: Io): Promise<void> {
  const place = placeOf(told, io)
  const current = await currentRelease(place)
  const old = (await keptReleases(place)).filter(({ name }) => name !== current).slice(Math.max(0, told.keep - 1))
  for (const { name } of old) await removeRelease(place, name)
}

async function pm2(argv: string[], told: Pm2Told, io: Io, marks: Record<string, string> = {}): Promise<void> {
  await execute({
    argv,
    cwd: placeOf(told, io),
    // Never our run's mark: what carries it is ended when a run is resumed, and these processes are production.
    env: { ...marks, [RUN_VARIABLE]: '', PM2_DISCRETE_MODE: 'true', NO_COLOR: '1' },
    idleMs: told.timeoutMs,
    timeoutMs: told.timeoutMs,
    signal: io.signal,
    onChild: io.child,
    onLine: (_, text) => io.line(text),
  })
}

function placeOf(told: Pm2Told, io: Pick<Io, 'root'>): string {
  return resolve(io.root, told.place)
}
