const PLAIN = /^(?:[A-Za-z_./][A-Za-z0-9_./ -]*|\d+[smhd])$/
const MEANS_ELSE = /^(?:true|false|null|yes|no|on|off|~|\.(?:nan|inf))$/i

/** A value as YAML writes it on one line. */
export function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`
  if (typeof value === 'object' && value !== null) {
    const pairs = Object.entries(value).map(([key, inner]) => `${flow(key)}: ${flow(inner)}`)
    return pairs.length === 0 ? '{}' : `{ ${pairs.join(', ')} }`
  }
  if (typeof value !== 'string') return JSON.stringify(value) ?? 'null'
  const plain = PLAIN.test(value) && !MEANS_ELSE.test(value) && !value.endsWith(' ')
  // JSON's escapes are YAML's too; what YAML calls a line break and JSON does not is escaped as well.
  return plain
    ? value
    : JSON.stringify(value).replaceAll(
        /[\u007f-\u009f\u2028\u2029\ufeff]/g,
        (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
      )
}
