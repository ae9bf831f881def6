import { slug } from '../core/naming.ts'
import type { Draft, Finding } from './draft.ts'
import { plainPath, type Look } from './repo-view.ts'

/** A folder with one of these is a part that is built and released by itself. */
const MANIFEST =
  /^((?:(?:apps|packages|services)\/)?[^/]+)\/(?:package\.json|pyproject\.toml|requirements\.txt|manage\.py|go\.mod|Cargo\.toml|Gemfile|composer\.json|mix\.exs|pom\.xml)$/
const NO_PART = /(?:^|\/)(?:tests?|examples?|fixtures?|e2e|backups|scripts|tools|\.[^/]*)$|^docs?$/i
const MOST_PARTS = 20

const BACKS_UP =
  /^(?:scripts?|bin|tools|ci|deploy|ops)\/[^/]*(?:backup|snapshot|archive)[^/]*\.(?:sh|zsh|bash|py|m?js)$/i
/** Folders that are ours, are made again, or hold no runtime. */
const NOT_RUNTIME = new Set(
  'backups releases immaculate data node_modules dist build out coverage logs log tmp temp evidence deploy_logs'.split(
    ' ',
  ),
)
const DRIVE = /\/(?:mnt|media|Volumes|run\/media)\/[\w.][\w./-]*/
const GPG = /\$\{?([A-Z][A-Z0-9_]*GPG[A-Z0-9_]*)\b/

/** The code of a monorepo by part, as `release` keeps it; a repository of one part is kept whole by its commit. */
export function detectCode(look: Look): Draft {
  const folders = [...new Set(look.files.flatMap((path) => MANIFEST.exec(path)?.[1] ?? []))].filter(
    (folder) => !NO_PART.test(folder) && plainPath(folder) && !/(?:^|\/)[._~-]/.test(folder),
  )
  const parts = new Map<string, string[]>()
  for (const folder of folders.slice(0, MOST_PARTS)) {
    const short = folder.split('/').at(-1) ?? folder
    const name = /^[A-Za-z0-9][\w.-]*$/.test(short) ? short : slug(short)
    parts.set((parts.has(name) ? slug(folder) : name).slice(0, 64), [folder])
  }
  if (parts.size < 2) return { found: [], unsure: [] }
  const unsure =
    folders.length > MOST_PARTS
      ? [`There are ${folders.length} parts; sources.code names the first ${MOST_PARTS}: name those you release.`]
      : []
  const value = { use: 'files', parts: Object.fromEntries(parts) }
  const what = `${parts.size} parts of code`
  return { found: [{ key: ['sources', 'code'], value, what, where: [...parts.values()].flat().join(', ') }], unsure }
}

/** Runtime folders: there, ignored by git, and named by a script that backs things up. `taken` are names of sources in use. */
export async function detectRuntime(look: Look, taken: ReadonlySet<string>): Promise<Draft> {
  const found: Finding[] = []
  const unsure: string[] = []
  const ignored = ignoredFolders((await look.read('.gitignore')) ?? '').filter((folder) =>
    look.files.some((path) => path.startsWith(`${folder}/`)),
  )
  const used = new Set(taken)
  for (const script of look.files.filter((path) => BACKS_UP.test(path))) {
    const text = (await look.read(script)) ?? ''
    for (const folder of ignored.filter((one) => names(text, one) && !used.has(nameOf(one)))) {
      const name = nameOf(folder)
      used.add(name)
      found.push({
        key: ['sources', name],
        value: { use: 'files', paths: [folder] },
        what: `runtime folder ${folder}/`,
        where: script,
      })
      const drive = DRIVE.exec(text)?.[0].replace(/\/(?:[^/]*\.(?:tar|t?gz|zip|gpg|age|7z)[^/]*)?$/, '')
      if (drive === undefined || found.some(({ key }) => key?.[0] === 'backups')) continue
      found.push(dataBackup(name, drive, GPG.exec(text)?.[1], script))
      unsure.push(
        `${script} copies ${folder}/ to ${drive}: backups.data proposes the same as a comment, since the drive was not tried.`,
      )
    }
  }
  return { found, unsure }
}

function dataBackup(name: string, to: string, gpg: string | undefined, where: string): Finding {
  const encrypt = gpg === undefined ? {} : { encrypt: { gpg: `$${gpg}` } }
  const value = { name, sources: [name], to, mounted: true, ...encrypt }
  return { key: ['backups', 'data'], value, what: null, where, suggestion: true }
}

/** Plain folder names at the top that are ignored. */
function ignoredFolders(text: string): string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim().replace(/^\//, '').replace(/\/$/, ''))
    .filter((name) => /^[\w.][\w.-]*$/.test(name) && /[A-Za-z]/.test(name))
    .filter((name) => !NOT_RUNTIME.has(name) && !/^\.(?:cache|venv|next|turbo|env|git|idea|vscode)/.test(name))
}

/** The folder as a whole word, not what is left out of the copy. */
function names(text: string, folder: string): boolean {
  const word = folder.replaceAll('.', String.raw`\.`)
  const whole = new RegExp(`(?:^|[\\s"'/=])${word}(?:$|[\\s"'/;])`)
  return text
    .split(/\r?\n/)
    .map((line) => line.replaceAll(/--exclude(?:=|\s+)\S+/g, ''))
    .some((line) => !/^\s*#/.test(line) && whole.test(line))
}

function nameOf(folder: string): string {
  return folder.replace(/^[^A-Za-z0-9]+/, '').slice(0, 64)
}
