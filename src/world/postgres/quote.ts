/** A name as SQL reads it literally. */
export function ident(name: string): string {
  return `"${plain(name).replaceAll('"', '""')}"`
}

/** A text as SQL reads it literally, with standard_conforming_strings on. */
export function literal(text: string): string {
  return `'${plain(text).replaceAll("'", "''")}'`
}

function plain(text: string): string {
  if (text.includes('\0')) throw new Error('a NUL cannot be part of a name in PostgreSQL')
  return text
}

/** The name that large objects are counted by; no table can be called so without quotes. */
export const LARGE_OBJECTS = 'large objects'

/** A table as counts call it: without its schema when that is `public`, quoted only where SQL would need it. */
export function tableKey(schema: string, name: string): string {
  const word = (part: string) => (/^[a-z_][a-z0-9_$]*$/.test(part) ? part : ident(part))
  return schema === 'public' ? word(name) : `${word(schema)}.${word(name)}`
}
