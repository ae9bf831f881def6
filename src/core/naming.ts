/** UTC, sorts as text and is safe in file and tag names: `20251121_120711Z`. */
export function timestamp(date: Date): string {
  const [day = '', time = ''] = date.toISOString().split('T')
  return `${day.replaceAll('-', '')}_${time.slice(0, 8).replaceAll(':', '')}Z`
}

/** The UTC day: `2025-11-21`. */
export function day(date: Date): string {
  return date.toISOString().slice(0, 10)
}

/** `deploy-20251121_120711Z-a1b2`; `random` keeps two runs of the same second apart. */
export function runId(op: string, date: Date, random: string): string {
  return `${op}-${timestamp(date)}-${random}`
}

/** Whether a text is a run's id; anything else must not become a path. */
export function isRunId(text: string): boolean {
  return /^[a-z][a-z-]*-\d{8}_\d{6}Z-[0-9a-z]+$/.test(text)
}

/** Lower-case words joined by `-`, at most 60 characters; for file names made of people's text. */
export function slug(text: string): string {
  const plain = text.normalize('NFKD').toLowerCase().replace(/\p{M}/gu, '')
  return (
    plain
      .replace(/[^a-z0-9]+/g, '-')
      .slice(0, 60)
      .replace(/^-+|-+$/g, '') || 'untitled'
  )
}

/** The first 7 characters of an object id, as people read it. */
export function short(oid: string): string {
  return oid.slice(0, 7)
}

/** The name itself, or with `-2`, `-3` … when it is taken. */
export function freeName(name: string, taken: Iterable<string>): string {
  const names = new Set(taken)
  if (!names.has(name)) return name
  let count = 2
  while (names.has(`${name}-${count}`)) count += 1
  return `${name}-${count}`
}
