import { clean } from './text.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

const two = (value: number): string => String(value).padStart(2, '0')

function span(ms: number): string {
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min`
  if (ms < 2 * DAY) return `${Math.floor(ms / HOUR)} h`
  return `${Math.floor(ms / DAY)} d`
}

/** How long ago a moment was: "just now", "12 min ago", "6 h ago", "3 d ago"; a later one is "in 4 d". */
export function age(fromIso: string, now: Date): string {
  const ms = now.getTime() - Date.parse(fromIso)
  if (Number.isNaN(ms)) return 'at an unknown time'
  if (Math.abs(ms) < MINUTE) return 'just now'
  // What is due in 30 days is due "in 30 d" a moment later, too.
  return ms > 0 ? `${span(ms)} ago` : `in ${span(Math.ceil(-ms / MINUTE) * MINUTE)}`
}

/** A stretch of time without a direction: "12 min", "6 h", "3 d"; under a minute "moments". */
export function stretch(ms: number): string {
  return Math.abs(ms) < MINUTE ? 'moments' : span(Math.abs(ms))
}

/** A measured time in ms: "<0.1 s", "0.4 s", "41 s", "1m 52s", "2h 05m". */
export function duration(ms: number): string {
  if (ms > 0 && ms < 50) return '<0.1 s'
  if (ms < 9_950) return `${(Math.max(0, ms) / SECOND).toFixed(1)} s`
  const seconds = Math.round(ms / SECOND)
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}m ${two(seconds % 60)}s`
  const minutes = Math.floor(seconds / 60)
  return `${Math.floor(minutes / 60)}h ${two(minutes % 60)}m`
}

/** Bytes in decimal units: "812 B", "5.2 MB", "212 MB", "1.1 GB". */
export function size(bytes: number): string {
  if (bytes < 1_000) return `${Math.round(bytes)} B`
  const units = ['kB', 'MB', 'GB', 'TB', 'PB']
  let value = bytes / 1_000
  let unit = 0
  // 999.5 would print as "1000"; the next unit says it better.
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1_000
    unit += 1
  }
  return `${value < 9.95 ? value.toFixed(1) : String(Math.round(value))} ${units[unit] ?? 'PB'}`
}

/** A moment as a row shows it, in UTC: "Tue 03:30" within the last week, else "12 Oct 09:14", other years "12 Oct 2024". */
export function moment(iso: string, now: Date): string {
  const at = new Date(iso)
  if (Number.isNaN(at.getTime())) return 'unknown'
  const time = at.toISOString().slice(11, 16)
  const ago = now.getTime() - at.getTime()
  if (ago >= 0 && ago < 6 * DAY) return `${DAYS[at.getUTCDay()] ?? ''} ${time}`
  const day = `${at.getUTCDate()} ${MONTHS[at.getUTCMonth()] ?? ''}`
  return at.getUTCFullYear() === now.getUTCFullYear() ? `${day} ${time}` : `${day} ${at.getUTCFullYear()}`
}

/** A moment to the minute, in UTC: "2025-11-21 12:04 UTC"; what is no moment, as it is, made safe to show. */
export function minute(iso: string): string {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(iso) ? `${iso.slice(0, 16).replace('T', ' ')} UTC` : clean(iso)
}

/** The time of day of a moment in UTC: "12:04:31Z". */
export function clockTime(iso: string): string {
  const at = new Date(iso)
  return Number.isNaN(at.getTime()) ? 'unknown' : `${at.toISOString().slice(11, 19)}Z`
}
