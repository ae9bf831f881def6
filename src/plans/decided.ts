/** What is decided once, before a plan is made, so that making it needs no clock, no chance and no machine. */
export type Decided = {
  /** ISO 8601 UTC: every date in the plan. */
  now: string
  run: string
  /** The shared lock's; nobody else's attempt has it. */
  nonce: string
  operator: string
  host: string
  /** Whom git names as tagger and committer of what the run makes. */
  by: { name: string; email: string }
  /** The version the commit carries (`version.file`), null when it has none. */
  version: string | null
  /** Knowngood's own version. */
  tool: string
  /** The OS temp folder, where clean checkouts go. */
  temp: string
  /** How long the run waits for a shared lock that somebody holds, ms; not at all without it. */
  waitMs?: number
}
