const OWN = ['.knowngood/', 'backups/'] as const

/** What `.gitignore` must say besides; `text` null when it says it already. Line ends stay as they are there. */
export function ignoreOwnFolders(present: string | null): { text: string | null; added: string[] } {
  const lines = new Set(
    (present ?? '').split(/\r?\n/).map((line) =>
      line
        .trim()
        .replace(/^\//, '')
        .replace(/\/(?:\*\*?)?$/, ''),
    ),
  )
  const added = OWN.filter((folder) => !lines.has(folder.slice(0, -1)))
  if (added.length === 0) return { text: null, added: [] }
  const end = (present ?? '').includes('\r\n') ? '\r\n' : '\n'
  const before = present === null || present === '' ? '' : present.endsWith('\n') ? present : `${present}${end}`
  const gap = before === '' ? '' : end
  return {
    text:
      `${before}${gap}# Knowngood's own state, and the backups\n`.replace(/\n$/, end) +
      added.map((one) => one + end).join(''),
    added: [...added],
  }
}
