import { EXIT, UserError } from '../core/failure.ts'

const HIDDEN = '***'
const SECRET_NAME =
  /PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY|ACCESS_?KEY|DEPLOY_?KEY|ADMIN_?KEY|CREDENTIAL|DATABASE_URL|_DSN$|^PGPASS/i
/** Names that look secret and hold a path or a program instead. */
const NOT_SECRET = /_(FILE|PATH|DIR|SOCK|URL_FILE)$|^(GIT_ASKPASS|SSH_AUTH_SOCK)$/
const USERINFO = /\b([a-z][a-z0-9+.-]*):\/\/([^\s/@"'<>]+)@/gi
/** Forms that hosts give their tokens, and header or option spellings of a password. */
const TOKENS =
  /\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{16,}|AKIA[A-Z0-9]{16}|xox[abpr]-[A-Za-z0-9-]{10,}|sk-[A-Za-z0-9_-]{20,}|npm_[A-Za-z0-9]{30,}|nfp_[A-Za-z0-9]{20,}|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+)/g
const NAMED =
  /\b((?:proxy-)?authorization:\s*(?:basic|bearer|token)\s+|bearer\s+(?=[\w.~+/-]{16})|(?:[\w-]*(?:password|passwd|secret|token|api[_-]?key))\s*[=:]\s*)("[^"]*"|'[^']*'|[^\s"',;&]+)/gi

const read = new Map<string, string>()
let pattern: RegExp | null = null
let seenNames = -1
let lookedAt = -Infinity

/** The value of a variable; it is masked in everything kept or shown from then on. Throws a UserError naming it when unset. */
export function secretValue(name: string): string {
  const value = process.env[name]
  if (value === undefined || value === '') {
    throw new UserError(
      `The variable ${name} is not set`,
      'the configuration names it',
      [`Set ${name} and try again.`],
      EXIT.usage,
    )
  }
  if (read.get(name) !== value) {
    read.set(name, value)
    pattern = null
  }
  return value
}

/** Whether a variable's value must be taken for a secret, by its name alone. */
export function looksSecret(name: string): boolean {
  return SECRET_NAME.test(name) && !NOT_SECRET.test(name)
}

/** The text without what must stay secret: values of secret variables, passwords in URLs, and the known forms of tokens. */
export function mask(text: string): string {
  const values = known()
  let masked = values === null ? text : text.replace(values, HIDDEN)
  if (masked.includes('://')) {
    masked = masked.replace(USERINFO, (whole, scheme: string, user: string) =>
      scheme === 'ssh' && !user.includes(':') ? whole : `${scheme}://${HIDDEN}@`,
    )
  }
  return masked.replace(TOKENS, HIDDEN).replace(NAMED, (_, before: string) => before + HIDDEN)
}

/** One expression for all values, longest first, made again when a variable was read or the environment grew. */
function known(): RegExp | null {
  // Listing the environment costs more than masking a line: within a flood of lines it is done now and then.
  const at = performance.now()
  if (pattern !== null && at - lookedAt < 5) return pattern.source === '(?!)' ? null : pattern
  lookedAt = at
  const names = Object.keys(process.env)
  if (pattern !== null && names.length === seenNames) return pattern.source === '(?!)' ? null : pattern
  seenNames = names.length
  const secret = names.filter(looksSecret)
  const values = [...read.values(), ...secret.map((name) => process.env[name] ?? '')].flatMap(forms)
  const parts = [...new Set(values)]
    .toSorted((a, b) => b.length - a.length)
    .map((value) => value.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&'))
  pattern = new RegExp(parts.length === 0 ? '(?!)' : parts.join('|'), 'g')
  return parts.length === 0 ? null : pattern
}

/** The ways a value may be printed: whole, line by line, its URL's password, and percent-encoded. */
function forms(value: string): string[] {
  const lines = value.includes('\n') ? value.split(/\r?\n/) : []
  const password = URL.canParse(value) ? new URL(value).password : ''
  const all = [value, ...lines, password, decoded(password), encodeURIComponent(value)]
  // Short values such as "1" or "true" would mask half of every log.
  return all.filter((form) => form.length >= 6)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
