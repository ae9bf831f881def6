/**
 * One thing seen. `key` is the setting it fills (null: nothing to set), `what` what people are told (null: not worth a line).
 * `suggestion` settings are written as comments only.
 */
export type Finding = {
  key: readonly string[] | null
  value: unknown
  what: string | null
  where: string
  suggestion?: true
}

/** What `init` found, and what it could not know, one sentence each. */
export type Draft = { found: Finding[]; unsure: string[] }
