import { join } from 'node:path'
import type { DrillLine } from '../core/drill.ts'
import { appendLine, exists, makeFolder, readText, writeNew, writeWhole } from '../world/files.ts'

const fileOf = (root: string) => join(root, 'backups', 'drills.jsonl')

/** Every drill that was recorded, oldest first. */
export async function readDrills(root: string): Promise<DrillLine[]> {
  const text = (await readText(fileOf(root))) ?? ''
  return text.split('\n').flatMap((line) => {
    try {
      const value = JSON.parse(line) as Partial<DrillLine>
      const whole = typeof value.at === 'string' && typeof value.passed === 'boolean'
      return whole && (value.kind === 'spot' || value.kind === 'full') ? [value as DrillLine] : []
    } catch {
      return []
    }
  })
}

/** Notes a drill, on disk when it returns; once for a run. */
export async function noteDrill(root: string, line: DrillLine): Promise<void> {
  if ((await readDrills(root)).some((one) => one.run === line.run)) return
  await appendLine(fileOf(root), JSON.stringify(line))
}

/**
 * Writes a drill's checklist: as `<dir>/YYYY-MM-DD_<kind>.md` (`-2` for a second one of a day), or added to the end of a file
 * when `to` is one (it ends in `.md`). Gives where, relative to the root.
 */
export async function writeDrill(
  root: string,
  to: string,
  line: Pick<DrillLine, 'at' | 'kind'>,
  text: string,
): Promise<string> {
  if (to.endsWith('.md')) {
    const before = (await readText(join(root, to))) ?? ''
    await writeWhole(join(root, to), before === '' ? text : `${before.trimEnd()}\n\n${text}`, { mode: 0o644 })
    return to
  }
  await makeFolder(join(root, to), 0o755)
  const name = `${line.at.slice(0, 10)}_${line.kind}`
  for (let count = 1; ; count += 1) {
    const path = `${to}/${name}${count === 1 ? '' : `-${count}`}.md`
    if (!(await exists(join(root, path))) && (await writeNew(join(root, path), text, { mode: 0o644 }))) return path
  }
}
