import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Preferences } from '../core/deck.ts'

const plain: Preferences = { theme: 'auto', name: null, lastProject: null }

/**
 * The operator's own preferences, in their configuration folder; nothing of a project is kept there.
 * A file that cannot be read or written is as good as none: they are conveniences.
 */
export async function openPreferences(): Promise<{ get(): Preferences; set(change: Partial<Preferences>): void }> {
  const folder = process.env['KNOWNGOOD_CONFIG_DIR'] ?? configFolder()
  let kept = { ...plain, ...(await read(join(folder, 'config.json'))) }
  return {
    get: () => kept,
    set(change) {
      const before = kept
      kept = { ...kept, ...change }
      if (JSON.stringify(before) !== JSON.stringify(kept)) void write(folder, change)
    },
  }
}

/** Where programs of this platform keep an operator's settings. */
function configFolder(): string {
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Preferences', 'knowngood')
  if (process.platform === 'win32')
    return join(process.env['APPDATA'] ?? join(homedir(), 'AppData', 'Roaming'), 'knowngood', 'Config')
  return join(process.env['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'knowngood')
}

/** Read by hand: loading conf would hold up the first frame, and most starts change nothing. */
async function read(file: string): Promise<Partial<Preferences>> {
  try {
    return Object(JSON.parse(await readFile(file, 'utf8'))) as Partial<Preferences>
  } catch {
    return {}
  }
}

async function write(folder: string, change: Partial<Preferences>): Promise<void> {
  try {
    const { default: Conf } = await import('conf')
    new Conf<Preferences>({ cwd: folder, clearInvalidConfig: true, defaults: plain }).set(change)
  } catch {
    // A read-only home must not keep anyone from releasing.
  }
}
