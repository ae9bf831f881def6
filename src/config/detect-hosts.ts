import type { Draft, Finding } from './draft.ts'
import type { GitView } from './detect.ts'
import { packageOf } from './package-json.ts'
import { shortened, type Plugged } from './plugged.ts'
import { interpreter, LIVE_SCRIPT, plainPath, type Look } from './repo-view.ts'

const NAMES: Readonly<Record<string, string>> = { netlify: 'Netlify', vercel: 'Vercel', convex: 'Convex', pm2: 'PM2' }

/** Hosts that Knowngood has no target for. */
const OTHERS = [
  { file: 'fly.toml', host: 'Fly' },
  { file: 'render.yaml', host: 'Render' },
] as const

const DEPLOYS =
  /^(?:scripts?|bin|tools|ci|deploy|ops)\/[^/]*(?:deploy|release|publish|ship)[^/]*\.(?:sh|zsh|bash|py|m?js)$/i
const ONLY_LOOKS = /gate|verify|check|lint|test/i
const MOST_SCRIPTS = 5

/**
 * Where releases go besides a push. Which of them bring production live, and with whose rights, a repository does not tell:
 * all are comments beside the push, for the team to choose from.
 */
export async function detectHosts(look: Look, git: GitView, targets: readonly Plugged[]): Promise<Draft> {
  const found: Finding[] = []
  const unsure: string[] = []
  const push = git.remote === null ? '' : `if ${git.branch} is not built from a push, `
  for (const target of targets) {
    for (const { options, where, unsure: asked } of await target.detect(look)) {
      const host = NAMES[target.use] ?? target.use
      found.push({ ...proposed({ use: target.use, ...shortened(target, options) }, where), what: `host ${host}` })
      const open = asked.length === 0 ? '' : ` Not known: ${asked.join('; ')}.`
      unsure.push(`${where} was found: ${push}take the ${target.use} target in deploy.targets, a comment now.${open}`)
    }
  }
  for (const { file, host } of OTHERS.filter((other) => look.files.includes(other.file)))
    unsure.push(`${file} was found: ${push}add a \`command\` target to deploy.targets that releases to ${host}.`)
  found.push(...(await deployScripts(look)))
  return { found, unsure }
}

/** A team's own scripts that deploy. They are read by nobody and run by nobody until the team says so. */
async function deployScripts(look: Look): Promise<Finding[]> {
  const paths = look.files.filter(
    (path) => DEPLOYS.test(path) && !LIVE_SCRIPT.test(path) && !ONLY_LOOKS.test(path) && plainPath(path),
  )
  const scripts = packageOf(await look.read('package.json'))['scripts']
  const npm = typeof scripts === 'object' && scripts !== null && 'deploy' in scripts
  const runs = await Promise.all(
    paths.slice(0, MOST_SCRIPTS).map(async (path) => ({
      run: (await look.executable(path)) ? [`./${path}`] : [interpreter(path), path],
      where: path,
    })),
  )
  if (npm) runs.push({ run: ['npm', 'run', 'deploy'], where: 'package.json scripts.deploy' })
  return runs.map(({ run, where }) => ({
    ...proposed({ use: 'command', run }, `${where}, which must not push by itself`),
    what: 'a deploy script',
    where,
  }))
}

function proposed(target: { use: string } & Record<string, unknown>, where: string): Finding {
  return { key: ['deploy', 'targets'], value: [target], what: null, where, suggestion: true }
}
