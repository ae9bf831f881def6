import type { Draft, Finding } from './draft.ts'
import type { GitView } from './detect.ts'
import { packageOf } from './package-json.ts'
import { packageManager, type PackageManager } from './package-manager.ts'
import { shortened, type Plugged } from './plugged.ts'
import { interpreter, LIVE_SCRIPT, plainPath, type Look } from './repo-view.ts'

const NAMES: Readonly<Record<string, string>> = { netlify: 'Netlify', vercel: 'Vercel', convex: 'Convex', pm2: 'PM2' }

/** Hosts that Knowngood has no target for. */
const OTHERS = [
  { file: 'fly.toml', host: 'Fly' },
  { file: 'render.yaml', host: 'Render' },
] as const

const COMPOSE = /^(?:docker-)?compose(?:\.prod(?:uction)?)?\.ya?ml$/
const DEPLOYS =
  /^(?:scripts?|bin|tools|ci|deploy|ops)\/[^/]*(?:deploy|release|publish|ship)[^/]*\.(?:sh|zsh|bash|py|m?js)$/i
const ONLY_LOOKS = /gate|verify|check|lint|test/i
const MOST_SCRIPTS = 5
/** How a team's own scripts bring production live by a host's CLI. */
const BY_CLI: Readonly<Record<string, RegExp>> = {
  netlify: /\b(?:netlify|ntl)\s+deploy\b[^\n;&|]*--prod\b/,
  vercel: /\b(?:vercel|now)\s+(?:deploy\b[^\n;&|]*)?--prod\b/,
  convex: /\bconvex\s+deploy\b/,
  pm2: /\bpm2\s+(?:reload|restart|start|startOrReload|startOrRestart)\b/,
}

type Script = { run: string[]; where: string; text: string }

/**
 * Where releases go. A host is taken when the repository's own files say all of it, and its own scripts release to it by hand; what a
 * push may bring live by itself, or what lacks a word, is a comment for the team to choose from.
 */
export async function detectHosts(look: Look, git: GitView, targets: readonly Plugged[]): Promise<Draft> {
  const found: Finding[] = []
  const unsure: string[] = []
  const manager = await packageManager(look)
  const scripts = await deployScripts(look, manager)
  const push = git.remote === null ? '' : `if ${git.branch} is not built from a push, `
  for (const target of targets) {
    for (const { options, where, unsure: asked, unready } of await target.detect(look)) {
      const host = NAMES[target.use] ?? target.use
      const by = scripts.find(({ text }) => BY_CLI[target.use]?.test(text) === true)
      const lacks = target.use === 'convex' && manager.install === null
      const sure = unready !== true && !lacks && (by !== undefined || git.remote === null)
      const value = { use: target.use, ...shortened(target, options) }
      if (sure) {
        found.push({ key: ['deploy', 'targets'], value: [value], what: `host ${host}`, where })
        if (target.use === 'convex')
          found.push({ key: ['build', 'run'], value: [manager.install], what: null, where: 'for npx convex' })
        if (by !== undefined)
          unsure.push(`${by.where} releases to ${host}, so deploys do: take it out where a push does that already.`)
        continue
      }
      const open = [
        ...(asked.length === 0 ? [] : [` Not known: ${asked.join('; ')}.`]),
        ...(lacks ? [' It needs build.run: no lock file says how its CLI is installed.'] : []),
      ].join('')
      found.push({ ...proposed(value, where), what: `host ${host}` })
      unsure.push(`${where} was found: ${push}take the ${target.use} target in deploy.targets, a comment now.${open}`)
    }
  }
  for (const { file, host } of OTHERS.filter((other) => look.files.includes(other.file)))
    unsure.push(`${file} was found: ${push}add a \`command\` target to deploy.targets that releases to ${host}.`)
  found.push(...hostRemotes(git), ...composed(look))
  for (const { run, where } of scripts)
    found.push({
      ...proposed({ use: 'command', run }, `${where}, which must not push by itself`),
      what: 'a deploy script',
      where,
    })
  return { found, unsure }
}

/** A remote that is called by what it does, beside the one that is shared: what is pushed there goes live. */
function hostRemotes({ hosts, branch }: GitView): Finding[] {
  return hosts.map(({ name, url }) => {
    const push = (...flags: string[]) => ['git', 'push', ...flags, name, `{commit}:refs/heads/${branch}`]
    const value = { use: 'command', run: push(), back: push('--force') }
    return { key: ['deploy', 'targets'], value: [value], what: `host ${name}, by a push`, where: `the remote ${url}` }
  })
}

/** Containers of this machine, brought up by compose; whether that is production, no file says. */
function composed(look: Look): Finding[] {
  const file = look.files.filter((path) => COMPOSE.test(path)).toSorted((a, b) => b.length - a.length)[0]
  if (file === undefined) return []
  const run = ['docker', 'compose', '--file', file, 'up', '--detach', '--build']
  return [proposed({ use: 'command', run }, `${file}, where this machine is production`)]
}

/** A team's own scripts that deploy. They are run by nobody until the team says so. */
async function deployScripts(look: Look, manager: PackageManager): Promise<Script[]> {
  const paths = look.files.filter(
    (path) => DEPLOYS.test(path) && !LIVE_SCRIPT.test(path) && !ONLY_LOOKS.test(path) && plainPath(path),
  )
  const scripts = packageOf(await look.read('package.json'))['scripts']
  const npm = typeof scripts === 'object' && scripts !== null && 'deploy' in scripts ? String(scripts.deploy) : null
  const runs = await Promise.all(
    paths.slice(0, MOST_SCRIPTS).map(async (path) => ({
      run: (await look.executable(path)) ? [`./${path}`] : [interpreter(path), path],
      where: path,
      text: (await look.read(path)) ?? '',
    })),
  )
  if (npm !== null) runs.push({ run: manager.run('deploy'), where: 'package.json scripts.deploy', text: npm })
  return runs
}

function proposed(target: { use: string } & Record<string, unknown>, where: string): Finding {
  return { key: ['deploy', 'targets'], value: [target], what: null, where, suggestion: true }
}
