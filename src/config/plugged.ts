import type { Detected, RepoView } from '../core/plug-in.ts'

/** A plug-in that knows how to recognise itself. */
export type Plugged = {
  use: string
  options: { parse(value: unknown): unknown }
  detect(repo: RepoView): Promise<Detected<unknown>[]>
}

/** The options without those that are what they would be anyway: only what was found is worth a line in a new file. */
export function shortened(plugIn: Plugged, options: unknown): Record<string, unknown> {
  const all: Record<string, unknown> = typeof options === 'object' && options !== null ? { ...options } : {}
  const same = (kept: Record<string, unknown>) => parsed(plugIn, kept) === parsed(plugIn, all)
  return Object.fromEntries(
    Object.entries(all).filter(
      ([key]) => !same(Object.fromEntries(Object.entries(all).filter(([one]) => one !== key))),
    ),
  )
}

/** What the plug-in makes of options, as text to compare; null when it does not take them. */
function parsed(plugIn: Plugged, options: Record<string, unknown>): string | null {
  try {
    return JSON.stringify(sorted(plugIn.options.parse(options)))
  } catch {
    return null
  }
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
}
