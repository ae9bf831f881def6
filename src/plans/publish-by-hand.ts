import { posix } from 'node:path'
import type { DriveInput } from '../core/backup-input.ts'
import { drivePath, exportPaths, pathOf, type BackupName } from '../core/backup-names.ts'
import { KINDS } from '../core/kinds.ts'
import type { Arg, Step } from '../core/plan.ts'
import { shellWord } from '../core/shell.ts'

type Staged = { source: string; path: string }

/** What the captures write, by their paths in the stage; known before they run. */
export function stagedBy(captures: readonly Step[]): Staged[] {
  return captures.flatMap(({ id, actions }) => {
    const source = id.replace(/^capture\./, '')
    return actions.flatMap((action) => {
      const input = action.do === 'call' ? action.input : null
      if (input === null || typeof input !== 'object' || Array.isArray(input)) return []
      const given = input as { paths?: unknown; file?: unknown }
      const paths = typeof given.file === 'string' ? [given.file] : Array.isArray(given.paths) ? given.paths : []
      return paths.map((path) => ({ source, path: String(path) }))
    })
  })
}

/** Giving what is staged its names, with standard tools: what a person types who finishes a backup by hand. */
export function publishByHand(name: BackupName, stage: string, staged: Staged[], drive: DriveInput | null): Arg[][] {
  const where = pathOf(name, name.first)
  const at = (path: string) => posix.join(stage, path)
  if (KINDS[name.kind].shape === 'folder') return [listed(stage), ['mv', '-T', stage, where]]
  if (name.kind === 'data')
    return staged.flatMap((part) => {
      const final = drivePath(where, part, staged.length === 1, drive?.encrypt ?? null)
      return [...sealed(at(part.path), final, drive), summed(final, `${posix.basename(final)}.sha256`)]
    })
  if (KINDS[name.kind].shape === 'exports') {
    const finals = exportPaths(name, name.first, staged)
    return staged.map(({ path }, index) => ['mv', '-T', at(path), finals[index] ?? ''])
  }
  const moved: Arg[][] = staged.map(({ path }) => ['mv', '-T', at(path), where])
  return name.kind === 'bundle' ? [...moved, summed(where, 'SHA256SUMS', '*.tar.gz')] : moved
}

/** The list `sha256sum -c` reads. */
function listed(stage: string): Arg[] {
  const files = "find . -type f ! -name CHECKSUM.sha256 -printf '%P\\0' | LC_ALL=C sort -z"
  return ['sh', '-c', `cd ${shellWord(stage)} && ${files} | xargs -0 sha256sum > CHECKSUM.sha256`]
}

function summed(file: string, list: string, what = shellWord(posix.basename(file))): Arg[] {
  return ['sh', '-c', `cd ${shellWord(posix.dirname(file))} && sha256sum ${what} > ${shellWord(list)}`]
}

function sealed(from: string, to: string, drive: DriveInput | null): Arg[][] {
  const encrypt = drive?.encrypt ?? null
  if (encrypt === null) return [['mv', '-T', from, to]]
  if ('gpg' in encrypt) return [['gpg', '--symmetric', '--cipher-algo', 'AES256', '--output', to, from]]
  return [['age', ...encrypt.age.flatMap((one) => ['--recipient', one]), '--output', to, from]]
}
