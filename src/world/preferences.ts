import type { Preferences } from '../core/deck.ts'

const plain: Preferences = { theme: 'auto', name: null, lastProject: null }

/**
 * The operator's own preferences, in their configuration folder; nothing of a project is kept there.
 * A file that cannot be read or written is as good as none: they are conveniences.
 */
export async function openPreferences(): Promise<{ get(): Preferences; set(change: Partial<Preferences>): void }> {
  const folder = process.env['KNOWNGOOD_CONFIG_DIR']
  try {
    const { default: Conf } = await import('conf')
    const store = new Conf<Preferences>({ projectName: 'knowngood', projectSuffix: '', clearInvalidConfig: true, defaults: plain, ...(folder === undefined ? {} : { cwd: folder }) })
    return {
      get: () => ({ ...plain, ...store.store }),
      set(change) {
        try {
          store.set(change)
        } catch {
          // A read-only home must not keep anyone from releasing.
        }
      },
    }
  } catch {
    let kept = plain
    return { get: () => kept, set: (change) => void (kept = { ...kept, ...change }) }
  }
}
