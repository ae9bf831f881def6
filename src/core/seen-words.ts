const OID = /\b([0-9a-f]{7})[0-9a-f]{33}\b/g
/** Names that say nothing their value does not. */
const PLAIN = new Set(['oid', 'commit', 'at'])

/** What a probe saw, for a person: object ids short, names before values, what is not there left out. */
export function seenWords(saw: unknown): string {
  if (saw === null || saw === undefined || saw === false) return ''
  if (Array.isArray(saw)) return saw.map(seenWords).filter(Boolean).join(', ')
  if (typeof saw !== 'object') return String(saw).replaceAll(OID, '$1')
  return Object.entries(saw)
    .flatMap(([name, value]) => {
      const words = value === true ? '' : seenWords(value)
      if (words === '') return value === true ? [name] : []
      return [PLAIN.has(name) ? words : `${name} ${words}`]
    })
    .join(', ')
}
