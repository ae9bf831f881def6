import { dirname, join } from 'node:path'
import { messageOf } from '../core/failure.ts'
import { statePaths } from '../core/paths.ts'
import type { Check, Place } from '../core/plug-in.ts'
import type { Project } from '../core/project.ts'
import { clean } from '../core/text.ts'
import { auditBlocked, verifyAudit } from '../records/audit-log.ts'
import { mirrorOf } from '../mirrors/registry.ts'
import { sourceOf } from '../sources/registry.ts'
import { targetOf } from '../targets/registry.ts'
import { now } from '../world/clock.ts'
import { readText } from '../world/files.ts'
import { readUrl } from '../world/http.ts'
import { kindAt, mayWriteIn } from '../world/permissions.ts'
import { bad, good } from './doctor-machine.ts'

const CLOCK_MS = 120_000

/** Every folder that is written to may be written to, and is a folder. */
export async function checkFolders(project: Project): Promise<Check[]> {
  const folders = [
    statePaths(project.root).home,
    join(project.root, 'backups'),
    join(project.root, project.evidence.dir),
    join(project.root, project.logs.dir),
  ]
  const problems = await Promise.all(folders.map((folder) => folderProblem(folder)))
  const wrong = problems.flatMap((problem) => (problem === null ? [] : [problem]))
  return wrong.length > 0 ? wrong : [good('folders', 'every folder it writes to may be written to')]
}

async function folderProblem(folder: string): Promise<Check | null> {
  const kind = await kindAt(folder)
  if (kind === 'link')
    return bad(
      'folders',
      `${folder} is a link; what is kept there would land elsewhere`,
      'Replace the link by a folder.',
    )
  if (kind === 'nothing') return folder === dirname(folder) ? null : await folderProblem(dirname(folder))
  if (kind !== 'folder') return bad('folders', `${folder} is not a folder`, 'Move that file away.')
  return (await mayWriteIn(folder))
    ? null
    : bad('folders', `you may not write to ${folder}`, `chmod u+rwx ${folder}, or run as its owner.`)
}

/** What every configured plug-in says about itself; secrets named by their options are set. */
export async function checkPlugIns(project: Project, signal: AbortSignal): Promise<Check[]> {
  const place: Place = { root: project.root, git: { remote: project.git.remote, branch: project.git.branch }, signal }
  const entries = [
    ...Object.values(project.sources).map((entry) => ({ entry, plugIn: sourceOf(entry.use) })),
    ...project.deploy.targets.map((entry) => ({ entry, plugIn: targetOf(entry.use) })),
    ...project.mirrors.map(({ use, options }) => ({ entry: { ...options, use }, plugIn: mirrorOf(use) })),
  ]
  const asked = entries.map(async ({ entry: { use, ...options }, plugIn }) => {
    if (plugIn === undefined) return [bad(`plug-in.${use}`, `there is no ${use}`, 'Correct it in knowngood.yaml.')]
    try {
      return await plugIn.doctor(plugIn.options.parse(options), place)
    } catch (error) {
      return [bad(`plug-in.${use}`, clean(messageOf(error)), 'Correct it in knowngood.yaml.')]
    }
  })
  return [...(await Promise.all(asked)).flat(), ...secretsOf(project)]
}

function secretsOf(project: Project): Check[] {
  const names = new Set<string>()
  const look = (value: unknown): void => {
    if (typeof value === 'string' && /^\$[A-Z_][A-Z0-9_]*$/i.test(value)) names.add(value.slice(1))
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(look)
  }
  look(project.sources)
  look(project.deploy.targets)
  look(project.mirrors)
  return [...names].map((name) =>
    (process.env[name] ?? '') === ''
      ? bad(`secret.${name}`, `$${name} is not set`, `export ${name}=…`)
      : good(`secret.${name}`, `$${name} is set`),
  )
}

/** Production answers, and its clock and ours agree. */
export async function checkProduction(project: Project, signal: AbortSignal): Promise<Check[]> {
  if (project.verify.checks.length === 0) {
    return [
      bad(
        'verify',
        'nothing proves that a release is live: verify.checks is empty',
        "Add production's URL to verify.checks in knowngood.yaml.",
      ),
    ]
  }
  const pages = project.verify.checks.filter((check) => check.kind === 'url')
  const read = pages.map(async (page): Promise<Check[]> => {
    const shown = clean(page.url)
    try {
      const answer = await readUrl(page.url, {
        timeoutMs: Math.min(page.timeoutMs, 10_000),
        signal,
        redirect: 'follow',
      })
      const right = answer.status === page.status
      const says = `${shown} answers ${answer.status}`
      return [
        right
          ? good('verify', says)
          : bad('verify', `${says}, and ${page.status} is wanted`, 'Correct verify.checks, or mend production.'),
        ...clock(answer.headers.date),
      ]
    } catch (error) {
      return [bad('verify', clean(messageOf(error)), 'Correct verify.checks, or mend production.')]
    }
  })
  const checks = (await Promise.all(read)).flat()
  return checks.filter(
    (check, index) => check.id !== 'clock' || checks.findIndex((other) => other.id === 'clock') === index,
  )
}

function clock(date: string | undefined): Check[] {
  const there = Date.parse(date ?? '')
  if (Number.isNaN(there)) return []
  const off = Math.abs(now().getTime() - there)
  return off < CLOCK_MS
    ? [good('clock', "this clock agrees with production's")]
    : [
        bad(
          'clock',
          `this clock and production's are ${Math.round(off / 60_000)} min apart`,
          'Set the clock: names, ages and gates go by it.',
        ),
      ]
}

/** The places the BUILD_ID and the version are put and read. */
export async function checkPlaces(project: Project): Promise<Check[]> {
  const stamps = project.build.stamp.map(async ({ file, text }): Promise<Check> => {
    const content = await readText(join(project.root, file)).catch(() => null)
    const head = text.slice(0, text.indexOf('{id}'))
    if (content === null)
      return {
        id: 'stamp',
        ok: project.build.run.length > 0 ? 'unknown' : false,
        says: `${file} is not there`,
        fix: 'It must be there once it is built; else correct build.stamp.',
      }
    return content.includes(head)
      ? good('stamp', `${file} has a place for the BUILD_ID`)
      : bad('stamp', `${file} has no place for the BUILD_ID`, `Put ${text} into it, or correct build.stamp.`)
  })
  const { file } = project.version
  const version = file === null || (await readText(join(project.root, file)).catch(() => null)) !== null
  return [
    ...(await Promise.all(stamps)),
    ...(version ? [] : [bad('version', `${file ?? ''} is not there`, 'Correct version.file.')]),
  ]
}

/** The audit log can be written and its chain holds. */
export async function checkAudit(project: Project): Promise<Check[]> {
  const blocked = await auditBlocked(project.root)
  if (blocked !== null)
    return [
      bad(
        'audit',
        `the audit log cannot be written: ${clean(blocked)}`,
        'No deploy starts without it: mend its permissions.',
      ),
    ]
  const { ok, broken, ours } = await verifyAudit(project.root)
  if (ok) return [good('audit', `the audit chain holds, ${ours} ${ours === 1 ? 'line' : 'lines'}`)]
  return [
    bad(
      'audit',
      broken === null
        ? 'the audit chain does not hold'
        : `line ${broken.line} of the audit log breaks the chain: ${clean(broken.because)}`,
      'knowngood audit verify shows more.',
    ),
  ]
}
