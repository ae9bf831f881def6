/** What dumpers say of their progress that is worth a line: tables and indexes by name, and every warning. Null for the rest. */
function worthSaying(line: string): string | null {
  const text = line.replace(/^pg_(?:dump|restore): /, '')
  const told =
    /^(?:dumping contents of|processing data for) table (.*)$|^(creating (?:INDEX|CONSTRAINT|FK CONSTRAINT) .*)$/.exec(
      text,
    )
  if (told !== null) return (told[1] ?? told[2] ?? '').replaceAll('"', '')
  return /warning|error|detail|hint/i.test(text) ? text : null
}

/** Hands what is worth a line to whoever shows it. */
export function saying(io: { line(text: string): void }): (from: 'out' | 'err', line: string) => void {
  return (_, line) => {
    const text = worthSaying(line)
    if (text !== null) io.line(text)
  }
}
