import { age, clockTime, moment, stretch } from '../core/age.ts'
import type { ListedBackup } from '../core/backup.ts'
import type { DeckFacts } from '../core/deck.ts'
import type { Known } from '../core/known.ts'
import { firstFit, line, muted, t, type Line } from './line.ts'
import { glyph } from './theme.ts'

/** A state as its glyph and its word, in its colour. */
export const good = (text: string): Line => t(`${glyph.ok} ${text}`, 'ok')
export const bad = (text: string): Line => t(`${glyph.bad} ${text}`, 'danger')
export const warn = (text: string): Line => t(`${glyph.warn} ${text}`, 'attention')
export const open = (text: string): Line => line(`${glyph.open} ${text}`)

/** When everything was last looked at; ages on the screen are as of then. */
export function lookedAt({ facts, checking }: DeckFacts): Line {
  return muted(checking.size > 0 ? 'checking…' : `checked ${clockTime(facts.at)}`)
}

/** A fact's line while it is unknown: being looked up, last known, or why not and what to do. */
export function unknownLine<T>(
  fact: Extract<Known<T>, { ok: false }>,
  checking: boolean,
  now: Date,
  last: (value: T) => Line,
): Line {
  if (fact.last) return line(last(fact.last.value), muted(`   as of ${age(fact.last.at, now)}`))
  if (checking || fact.because === '') return muted('checking…')
  return line(t(fact.because, 'attention'), fact.fix === '' ? '' : muted(` ${glyph.open} ${fact.fix}`))
}

/** A sentence's first letter, large; a name, a command or an address that only happens to stand first stays as it is. */
export function sentence(text: string): string {
  if (/^(?:git|knowngood) |^[a-z]+:\/\//.test(text)) return text
  return /^[a-z]+(?=[ ,:;]|\.(?: |$)|$)/.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text
}

/** A plan's title where the project is named already. */
export function crumbOf(title: string, deck: { project: string; environment: string }): string {
  const name = `${deck.project} / ${deck.environment}`
  return title.replace(` to ${name}`, '').replace(` of ${name}`, '').replace(`${name} `, '')
}

/** An object id as people read it. */
export const shortOid = (oid: string): string => oid.slice(0, 7)

/** The proof of a backup, or why it cannot be used, as its glyph and its words. */
export function stateLine(backup: ListedBackup, columns: number): Line {
  if (backup.state !== 'ok')
    return firstFit([bad(`${backup.state}: ${backup.because ?? 'not usable'}`), bad(backup.state)], columns)
  if ((backup.doubts ?? []).length > 0) return firstFit([warn(`${backup.rung}, in doubt`), warn('in doubt')], columns)
  return backup.rung === 'found'
    ? firstFit([open('found, not verified'), open('not verified')], columns)
    : good(backup.rung)
}

/** Since when something is lost, and how long that is where it is worth a word. */
export function sinceThen(at: string, now: Date): string {
  const ms = now.getTime() - Date.parse(at)
  return ms < 60_000 ? moment(at, now) : `${moment(at, now)}, ${stretch(ms)}`
}
