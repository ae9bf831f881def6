import type { HistoryRow } from './facts.ts'

/**
 * Commits that were to be released and never proven live, with how that ended as the end of a sentence about the release.
 * One that was certified or rolled back to, before or since, is none of them.
 */
export function failedReleases(history: readonly HistoryRow[]): ReadonlyMap<string, string> {
  // A list asks for it with every frame, and a history only ever grows.
  const before = asked.get(history)
  if (before !== undefined) return before
  const failed = new Map<string, string>()
  for (const { mark, commit, note } of history)
    if (mark === 'failed' && commit !== null && !failed.has(commit))
      failed.set(commit, note.startsWith('stopped') ? note : 'failed')
  for (const { mark, commit } of history) if (mark !== 'failed' && commit !== null) failed.delete(commit)
  asked.set(history, failed)
  return failed
}

const asked = new WeakMap<readonly HistoryRow[], ReadonlyMap<string, string>>()
