import type { Draft, Finding } from './draft.ts'
import { packageOf } from './package-json.ts'
import { packageManager } from './package-manager.ts'
import { interpreter, plainPath, type Look } from './repo-view.ts'

type Check = { id: string; title: string; run: string[] }

/** Words that mean a script changes something outside, or waits for an answer. */
const ACTS =
  /\bgit\b[^\n]*\bpush\b|(?<![a-z])deploy(?![a-z])|\bpublish\b|\b(?:rsync|scp|ssh|sftp|kubectl|terraform|ansible\w*|helm|flyctl|wrangler|heroku)\b|\b(?:netlify|vercel|convex|firebase|surge)\b(?![.\w])|\b(?:docker|podman)\s+push\b|\baws\s+s3\b|\bgh\s+release\b/i
/** Words that mean it deletes or changes what a database, a volume or the working tree holds. */
const CHANGES =
  /\bdown\b[^\n]*\s(?:-v|--volumes)\b|\bvolume\s+(?:rm|prune)\b|\bsystem\s+prune\b|\b(?:dropdb|pg_restore|flushall|flushdb)\b|\b(?:drop|truncate)\s+(?:database|schema|table)\b|\bmigrate\s+(?:dev|deploy|reset)\b|\bmigrate:(?:latest|fresh|reset|rollback)\b|\bdb:(?:drop|reset|migrate|push)\b|\bdb\s+push\b|\balembic\b[^\n]*\b(?:upgrade|downgrade)\b|\bmanage\.py\s+(?:migrate|flush)\b|\bgit\s+(?:reset\s+--hard|clean\s+-\w*f)/i
const ASKS =
  /\bread\s+(?:-\w+\s+)*-\w*p|(?<!while |while IFS= |IFS= )\bread\s+(?:-r\s+)?[A-Za-z_]\w*\s*(?:$|;)|\bselect\s+\w+\s+in\b|\binput\(|\breadline\b|\binquirer\b|\bprompts?\b/im
const WATCHES = /(?:^|\s)--?watch\b|\bnodemon\b|\b(?:dev|start|serve)$/

const SCRIPT =
  /^(?:scripts?|bin|tools|ci)\/[^/]*(?:gate|verify|check|pre[-_]?push|smoke|lint|test)[^/]*\.(?:sh|zsh|bash|py|js|mjs)$/i
const LIVE = /live|smoke|post[-_]?deploy/i
const NPM = ['check', 'verify', 'lint', 'typecheck', 'test'] as const

/** Whether an npm script is another name for one of these files. */
function runsOnly(body: string, paths: readonly string[]): boolean {
  const words = body.trim().split(/\s+/)
  const file = words.at(-1)?.replace(/^\.\//, '') ?? ''
  return words.length <= 2 && !/[&|;<>$]/.test(body) && paths.includes(file)
}

/** Commands that look like gate checks. One that pushes, deploys, asks or watches becomes a comment only. */
export async function detectChecks(look: Look): Promise<Draft> {
  const scripts = look.files.filter((path) => SCRIPT.test(path) && plainPath(path)).slice(0, 20)
  const found: Finding[] = []
  const unsure: string[] = []
  const taken = new Set<string>()
  for (const path of scripts) {
    const text = withoutComments((await look.read(path)) ?? '')
    const run = (await look.executable(path)) ? [`./${path}`] : [interpreter(path), path]
    const check = { id: freeId(idOf(path), taken), title: titleOf(path), run }
    const why = hazard(text)
    if (LIVE.test(path) && why === null) {
      found.push({ key: ['verify', 'checks'], value: [{ run }], what: 'a live verification', where: path })
    } else {
      found.push(proposal(check, path, why))
      if (why !== null) unsure.push(`${path} ${why}: it is left as a comment, since a check must only look.`)
    }
  }
  found.push(...(await npmChecks(look, unsure, scripts)))
  // What builds is no check.
  if (!found.some(({ key }) => key?.[0] === 'gate'))
    unsure.push('No check was found: add commands to gate.checks that must pass before a release.')
  return { found, unsure }
}

async function npmChecks(look: Look, unsure: string[], known: readonly string[]): Promise<Finding[]> {
  const manifest = packageOf(await look.read('package.json'))
  const scripts = manifest['scripts']
  if (typeof scripts !== 'object' || scripts === null) return []
  const bodies = new Map(
    Object.entries(scripts).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
  const manager = await packageManager(look)
  const found: Finding[] = []
  for (const name of NPM) {
    const body = bodies.get(name)
    if (body === undefined || /no test specified/.test(body) || runsOnly(body, known)) continue
    const why = hazard(await everythingRun(name, bodies, look))
    const run = manager.run(name)
    const check = { id: `${manager.name}-${name}`, title: run.join(' '), run }
    found.push(proposal(check, `package.json scripts.${name}`, why))
    if (why !== null)
      unsure.push(`${manager.name} script ${name} ${why}: it is left as a comment, since a check must only look.`)
  }
  if (bodies.has('build')) {
    const value = [manager.install ?? [manager.name, 'install'], manager.run('build')]
    found.push({
      key: ['build', 'run'],
      value,
      what: null,
      where: 'for a host that does not build by itself',
      suggestion: true,
    })
  }
  return found
}

/** The text of an npm script, of what runs around it, and of scripts and files it calls. */
async function everythingRun(
  name: string,
  bodies: ReadonlyMap<string, string>,
  look: Look,
  seen = new Set<string>(),
): Promise<string> {
  if (seen.has(name) || seen.size > 50) return ''
  seen.add(name)
  const own = [`pre${name}`, name, `post${name}`].flatMap((key) => bodies.get(key) ?? [])
  const parts = [...own]
  for (const body of own) {
    for (const [, called = ''] of body.matchAll(/\b(?:npm|pnpm|yarn|bun)\s+(?:run\s+)?([\w:.-]+)/g)) {
      if (bodies.has(called)) parts.push(await everythingRun(called, bodies, look, seen))
    }
    for (const word of body.split(/[\s;&|'"]+/)) {
      const path = word.replace(/^\.\//, '')
      if (/\.(?:sh|zsh|bash|py|m?js|cjs|ts)$/.test(path)) parts.push(withoutComments((await look.read(path)) ?? ''))
    }
  }
  return parts.join('\n')
}

function proposal(check: Check, where: string, why: string | null): Finding {
  const finding: Finding = { key: ['gate', 'checks'], value: [check], what: `check ${check.title}`, where }
  return why === null ? finding : { ...finding, what: null, where: `${where}, which ${why}`, suggestion: true }
}

function hazard(text: string): string | null {
  if (ACTS.test(text)) return 'may push, deploy or reach a server'
  if (CHANGES.test(text)) return 'may delete or change data'
  if (ASKS.test(text)) return 'asks questions'
  return text.split('\n').some((line) => WATCHES.test(line.trim())) ? 'may not end by itself' : null
}

function withoutComments(text: string): string {
  return text
    .split(/\r?\n/)
    .filter((line) => !/^\s*(?:#|\/\/)/.test(line))
    .join('\n')
}

function idOf(path: string): string {
  const base = path.split('/').at(-1) ?? path
  return (
    base
      .replace(/\.\w+$/, '')
      .replaceAll(/[^A-Za-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .toLowerCase()
      .slice(0, 64) || 'check'
  )
}

function freeId(id: string, taken: Set<string>): string {
  let free = id
  for (let n = 2; taken.has(free); n += 1) free = `${id.slice(0, 60)}-${n}`
  taken.add(free)
  return free
}

function titleOf(path: string): string {
  const words = idOf(path).replaceAll('-', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}
