/** A word as a POSIX shell reads it back: data, whatever it holds. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./^-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
}
