import type { Draft } from './draft.ts'

/** The pattern of release tags, by the dated tags that are there. */
export function detectTags(tags: readonly string[]): Draft {
  const patterns = new Map<string, number>()
  for (const tag of tags) {
    const prefix = /^([A-Za-z][\w./-]*?)\d{4}-\d{2}-\d{2}(?:-\d+)?$/.exec(tag)?.[1]
    if (prefix !== undefined) patterns.set(prefix, (patterns.get(prefix) ?? 0) + 1)
  }
  const rank = (prefix: string) =>
    (/^(?:prod|production|live|release|deploy)/i.test(prefix) ? 1_000_000 : 0) + (patterns.get(prefix) ?? 0)
  const [best, ...others] = [...patterns.keys()].toSorted((a, b) => rank(b) - rank(a))
  if (best === undefined) {
    const versions = tags.filter((tag) => /^v?\d+\.\d+/.test(tag)).length
    const note = `No dated release tags were found${versions > 0 ? ` (${versions} version tags stay as they are)` : ''}: certified releases will be tagged prod-{date}.`
    return { found: [], unsure: tags.length > 0 ? [note] : [] }
  }
  const count = patterns.get(best) ?? 0
  const unsure =
    others.length > 0
      ? [
          `Tags are also named ${others
            .slice(0, 3)
            .map((prefix) => `${prefix}<date>`)
            .join(', ')}: see that git.tag is the one of production.`,
        ]
      : []
  return {
    found: [
      {
        key: ['git', 'tag'],
        value: `${best}{date}`,
        what: `release tags ${best}{date}`,
        where: `${count} ${count === 1 ? 'tag' : 'tags'}`,
      },
    ],
    unsure,
  }
}
