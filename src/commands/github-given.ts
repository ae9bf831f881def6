import { GITHUB_TOKENS } from '../core/github.ts'
import type { GitHubGiven } from '../plans/publish.ts'

/** What the environment says of GitHub; `named` is the variable that the configuration names for the token. */
export function gitHubGiven(named: string | null): GitHubGiven {
  const names = named === null ? GITHUB_TOKENS : [named]
  return {
    api: process.env['GITHUB_API_URL'] || null,
    token: names.find((name) => (process.env[name] ?? '') !== '') ?? null,
  }
}
