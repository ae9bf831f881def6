import { readFileSync } from 'node:fs'

/**
 * A value as a configuration file of git plainly says it, read in line: what is on every first screen is worth the four
 * milliseconds that git takes. Null where the file does not say it, undefined where only git can tell: another file is
 * included, or the value needs its quoting understood.
 */
export function plainlySaid(path: string, section: string, key: string): string | null | undefined {
  const text = read(path)
  if (UNPLAIN.test(text)) return undefined
  let here = ''
  let value: string | null | undefined = null
  const setting = new RegExp(`^\\s*${key}\\s*=\\s*(.*)$`, 'i')
  for (const line of text.split('\n')) {
    here = headerOf(line) ?? here
    const said = setting.exec(line)?.[1]?.trim()
    if (here === section && said !== undefined) value = /["\\#;]/.test(said) || said === '' ? undefined : said
  }
  return value
}

/** Other files that are read too, a setting behind its header, a line that goes on in the next. */
const UNPLAIN = /^\s*\[include|worktreeConfig|^\s*\[[^\n]*\][^\S\n]*[^\s#;]|\\$/im

/** Sections are the same in any case; what stands in quotes behind one is not. */
function headerOf(line: string): string | undefined {
  return /^\s*\[(.*)\]\s*(?:[#;].*)?$/.exec(line)?.[1]?.replace(/^[^\s"]+/, (name) => name.toLowerCase())
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
