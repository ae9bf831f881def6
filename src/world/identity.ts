import { execFile, execFileSync } from 'node:child_process'
import { existsSync, readFileSync, readlinkSync } from 'node:fs'
import { homedir, hostname, uptime, userInfo } from 'node:os'
import { join } from 'node:path'
import { clean } from '../core/text.ts'
import { plainlySaid } from './git-config-text.ts'

/** Enough to tell a process from a later one that was given the same number. */
export type ProcessMark = { pid: number; started: string; boot: string }

/** Who acts: KNOWNGOOD_OPERATOR, the name kept in the preferences, git's user.name, the login; one clean line. */
export function operator(preferred: string | null = null, cwd: string = process.cwd()): string {
  const named = process.env['KNOWNGOOD_OPERATOR'] ?? preferred ?? ''
  return tidy(named) || gitName(cwd) || tidy(process.env['USER'] ?? '') || login()
}

/** The same, without keeping anybody waiting while git is asked. */
export async function operatorOf(cwd: string): Promise<string> {
  if (!tidy(process.env['KNOWNGOOD_OPERATOR'] ?? '') && !gitNames.has(cwd)) {
    gitNames.set(cwd, writtenName(cwd) ?? tidy(await askedName(cwd)))
  }
  return operator(null, cwd)
}

/** The name as the repository's own configuration, or else the operator's, plainly says it; undefined where git has to be asked. */
function writtenName(cwd: string): string | undefined {
  const elsewhere = Object.keys(process.env).some((name) => /^GIT_(CONFIG|DIR|WORK_TREE|COMMON_DIR)/.test(name))
  if (elsewhere || !existsSync(join(cwd, '.git', 'config'))) return undefined
  const own = plainlySaid(join(cwd, '.git', 'config'), 'user', 'name')
  const said = own === null ? plainlySaid(join(homedir(), '.gitconfig'), 'user', 'name') : own
  return typeof said === 'string' ? tidy(said) || undefined : undefined
}

function askedName(cwd: string): Promise<string> {
  return new Promise((resolve) => {
    execFile('git', ['config', 'user.name'], { cwd, timeout: 5_000 }, (error, said) => resolve(error ? '' : said))
  })
}

const gitNames = new Map<string, string>()

function gitName(cwd: string): string {
  const kept = gitNames.get(cwd)
  if (kept !== undefined) return kept
  const name = tidy(outputOf('git', ['config', 'user.name'], cwd) ?? '')
  gitNames.set(cwd, name)
  return name
}

function login(): string {
  try {
    return userInfo().username
  } catch {
    return 'unknown'
  }
}

function tidy(text: string): string {
  return clean(text).trim().slice(0, 80)
}

/** This machine's name; KNOWNGOOD_HOST replaces it in demos and pictures. */
export function host(): string {
  return tidy(process.env['KNOWNGOOD_HOST'] ?? '') || hostname()
}

let boot: string | null = null

/** Names this boot of this machine and this process namespace: process numbers mean something only within one. */
export function bootId(): string {
  boot ??=
    linuxBoot() ??
    outputOf('sysctl', ['-n', 'kern.boottime']) ??
    `since ${Math.round((Date.now() / 1000 - uptime()) / 60)}`
  return boot
}

function linuxBoot(): string | null {
  try {
    const id = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    return `${id} ${readlinkSync('/proc/self/ns/pid')}`
  } catch {
    return null
  }
}

/** When a process began, in the system's own words; null when there is none (or it has ended and only waits to be reaped). */
export function processStarted(pid: number): string | null {
  if (!Number.isSafeInteger(pid) || pid <= 0) return null
  if (process.platform !== 'linux') return outputOf('ps', ['-o', 'lstart=', '-p', String(pid)])
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name may hold spaces and brackets; the fields begin after the last bracket: state is the 3rd, start the 22nd.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? null)
  } catch {
    return null
  }
}

/** The mark of this very process. */
export function ownMark(): ProcessMark {
  return { pid: process.pid, started: processStarted(process.pid) ?? '', boot: bootId() }
}

/** Whether exactly that process still runs: a number that was given to another one does not count. */
export function isAlive(mark: ProcessMark): boolean {
  return mark.boot === bootId() && mark.started !== '' && processStarted(mark.pid) === mark.started
}

function outputOf(file: string, args: string[], cwd?: string): string | null {
  try {
    const text = execFileSync(file, args, {
      encoding: 'utf8',
      timeout: 3000,
      stdio: ['ignore', 'pipe', 'ignore'],
      ...(cwd === undefined ? {} : { cwd }),
    })
    return text.trim() === '' ? null : text.trim()
  } catch {
    return null
  }
}
