import { z } from 'zod'
import { DURATION_PATTERN, durationMs, SIZE_PATTERN, sizeBytes } from './units.ts'

const HIDDEN = /\p{Cc}|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u

/** A duration in the file, ms in the project. */
export const duration = z
  .string({ error: 'is a number and a unit, such as 90s, 10m, 12h or 30d' })
  .regex(DURATION_PATTERN, { error: 'is a number and a unit, such as 90s, 10m, 12h or 30d', abort: true })
  .refine((text) => durationMs(text) !== null, { error: 'is more than nothing and at most ten years' })
  .transform((text) => durationMs(text) ?? 0)

/** An amount of bytes in the file, bytes in the project. */
export const size = z
  .string({ error: 'is a number and a unit, such as 500MB or 15GB' })
  .regex(SIZE_PATTERN, { error: 'is a number and a unit, such as 500MB or 15GB', abort: true })
  .transform((text) => sizeBytes(text) ?? 0)

/** How many of something, from 1 to `most`; `none` is what fewer would come to. */
export const count = (most: number, none = 'nothing would be kept') =>
  z
    .int({
      error: (issue) =>
        issue.input === null ? 'is blank; give a whole number or leave the line out' : 'is a whole number',
    })
    .min(1, { error: `is at least 1: ${none}` })
    .max(most, { error: `is at most ${most.toLocaleString('en')}` })

/** The name of a variable that holds a secret, written `$NAME`; never the value itself. */
export const variable = z
  .string({ error: 'is the name of a variable, such as $DATABASE_URL' })
  .regex(/^\$[A-Za-z_][A-Za-z0-9_]*$/, { error: 'is the name of a variable, such as $DATABASE_URL; never the value' })
  .transform((text) => text.slice(1))

/** One line for people; nothing that moves a cursor or reorders text. */
export const sentence = z
  .string({ error: 'is text; put it in quotes' })
  .trim()
  .min(1, { error: 'is blank' })
  .max(500, { error: 'is longer than 500 characters' })
  .refine((text) => !HIDDEN.test(text), { error: 'holds control characters; write it as one plain line' })

/** A name that people type and files are called by. */
export const name = z.string({ error: 'is a name; put it in quotes' }).regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, {
  error: 'is letters, digits, dots, dashes and underscores, starts with a letter or digit, at most 64 characters',
})

/** Whether git would take it as part of a ref and never as an option. */
function isRefName(text: string): boolean {
  return (
    text.length <= 200 &&
    /^[^-/.][^\s~^:?*[\\\u007f]*$/.test(text) &&
    !HIDDEN.test(text) &&
    !/\.\.|@\{|\/\/|\/\.|\.lock(?:\/|$)|[/.]$/.test(text) &&
    text !== '@'
  )
}

/** A branch, tag or remote. */
export const refName = z.string({ error: 'is a git name; put it in quotes' }).refine(isRefName, {
  error: 'is not a name git takes (no spaces, no leading dash, no ".."); a remote is named, its URL stays in git',
})

/** A path inside the repository, as git writes it. */
export const insidePath = z
  .string({ error: 'is a path inside the repository; put it in quotes' })
  .min(1, { error: 'is blank' })
  .max(400, { error: 'is longer than 400 characters' })
  .refine((path) => !HIDDEN.test(path) && !path.includes('\\') && !path.startsWith('-'), {
    error: 'holds a control character or backslash, or starts with a dash',
  })
  .refine(
    (path) =>
      !path.startsWith('/') && !path.startsWith('~') && !/^[A-Za-z]:/.test(path) && !path.split('/').includes('..'),
    {
      error: 'leaves the repository; name a path inside it, relative to its top',
    },
  )
  .refine((path) => path.split('/')[0]?.toLowerCase() !== '.git', { error: "is git's own folder" })

/** Paths inside the repository; `.` is all of it. */
export const places = z
  .array(z.union([z.literal('.'), insidePath]), { error: 'is a list of paths' })
  .min(1, { error: 'is empty' })

const LIST = 'is a list of words, such as ["npm", "run", "build"]; nothing is run through a shell'

/** A command as a list of words; the first is the program. */
export const argv = z
  .array(
    z
      .string({ error: 'is a word; put it in quotes' })
      .max(4000, { error: 'is longer than 4,000 characters' })
      .refine((word) => !word.includes('\0'), {
        error: 'holds a NUL character',
      }),
    { error: (issue) => (typeof issue.input === 'string' ? `${LIST}: write ${asWords(issue.input)}` : LIST) },
  )
  .min(1, { error: 'is empty; the first word is the program', abort: true })
  .max(200, { error: 'has more than 200 words' })
  .refine((words) => (words[0] ?? '').trim() !== '', { error: 'has no program: its first word is blank' })

/** How a one-liner would be written as a list. */
function asWords(line: string): string {
  const plain = /^[\w@%+=:,./ -]{1,120}$/.test(line)
  const words = plain ? line.trim().split(/ +/) : ['sh', '-c', '…']
  return `[${words.map((word) => `"${word}"`).join(', ')}]`
}
