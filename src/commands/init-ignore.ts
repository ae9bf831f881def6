/** Folders of our own, and of folders that others use too only what we put there: bundles, and dumps by their timestamps. */
const OWN = [
  '.knowngood/',
  'backups/',
  'immaculate/',
  '/releases/*.tar.gz',
  '/releases/*.lock.json',
  '/releases/SHA256SUMS',
  '/data/*-????????_??????Z*',
] as const

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
  const added = OWN.filter(
    (own) => !lines.has(own.replace(/^\/|\/$/g, '')) && !lines.has(own.slice(1).split('/')[0] ?? ''),
  )
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
