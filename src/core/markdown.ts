import { clean } from './text.ts'

/** Foreign text as Markdown that shows exactly that text, on one line: no links, no HTML, no control characters. */
export function escapeMarkdown(text: string): string {
  return clean(text).replaceAll(/[\\`*_{}[\]<>#|!~&]/g, String.raw`\$&`)
}

/** A code span around foreign text, fenced longer than any run of backticks in it. */
export function codeSpan(text: string): string {
  const inner = clean(text)
  if (inner === '') return '``'
  const runs = inner.match(/`+/g) ?? []
  const fence = '`'.repeat(Math.max(0, ...runs.map((run) => run.length)) + 1)
  return runs.length > 0 ? `${fence} ${inner} ${fence}` : `${fence}${inner}${fence}`
}

/** A web address as a link that shows itself; anything else as code. */
export function linkOrCode(text: string): string {
  return /^https?:\/\/[^\s<>`\\]+$/.test(text) ? `<${clean(text)}>` : codeSpan(text)
}

/** The plain text of a line: without emphasis, code marks, list marks and escapes. */
export function plainText(line: string): string {
  return line
    .replaceAll(/\\([\\`*_{}[\]<>#|!~&])|(\*\*|__|`+)/g, '$1')
    .replace(/^[\s>]*(?:[-*+]\s+(?:\[[ xX]\]\s+)?|\d+[.)]\s+|#{1,6}\s+)?/, '')
    .replaceAll(/<(https?:[^>\s]+)>/g, '$1')
    .trim()
}
