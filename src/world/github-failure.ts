import { held, messageOf, StepFailed, UserError } from '../core/failure.ts'
import type { GitHubPlace } from '../core/github.ts'
import { mask } from './secrets.ts'

type Answer = { status: number; headers: Record<string, string | undefined> }

/** What GitHub's refusal means for the operator. A token is named by its variable, never shown. */
export function githubFailure(error: unknown, place: GitHubPlace, what: string): Error {
  if (error instanceof UserError || error instanceof StepFailed) return error
  const answer = answerOf(error)
  if (answer === null) return new StepFailed('publish', `${what}: ${place.api} cannot be reached (${reasonOf(error)})`)
  const { status } = answer
  const said = `${status} ${firstLine(messageOf(error))}`
  const until = limitedUntil(answer)
  if (until !== null)
    return held(`${what}: GitHub takes no more requests for now`, `its rate limit holds ${until}`, [
      'Run it again then.',
    ])
  if (status === 401)
    return held(`The token in ${place.token} is refused by ${place.api}`, said, [
      `Set ${place.token} to a valid token.`,
    ])
  if (status === 403)
    return held(`The token in ${place.token} may not do this in ${place.repository}`, `${what}: ${said}`, [
      'Give it `contents: write`.',
    ])
  if (status === 404)
    return held(`${place.repository} is not found on ${place.api}`, `or the token in ${place.token} may not see it`, [
      'Check github.repository in knowngood.yaml, and what the token may read.',
    ])
  return new StepFailed('publish', `${what}: GitHub answers ${said}`)
}

/** Whether GitHub answered with this status. */
export function answered(error: unknown, status: number): boolean {
  return answerOf(error)?.status === status
}

/** What came back; null when nobody answered, which Octokit dresses up as a 500 without a response. */
function answerOf(error: unknown): Answer | null {
  if (!(error instanceof Error) || !('response' in error)) return null
  const { response } = error as { response?: Partial<Answer> }
  return typeof response?.status === 'number' ? { status: response.status, headers: response.headers ?? {} } : null
}

function limitedUntil({ status, headers }: Answer): string | null {
  if (status !== 403 && status !== 429) return null
  const wait = Number(headers['retry-after'] ?? Number.NaN)
  if (Number.isFinite(wait)) return `for ${wait} s`
  const reset = Number(headers['x-ratelimit-reset'] ?? Number.NaN)
  if (headers['x-ratelimit-remaining'] === '0' && Number.isFinite(reset))
    return `until ${new Date(reset * 1000).toISOString().slice(11, 16)} UTC`
  return status === 429 ? 'for a while' : null
}

function reasonOf(error: unknown): string {
  for (let at: unknown = error; at instanceof Error; at = at.cause)
    if ('code' in at && typeof at.code === 'string') return at.code
  return firstLine(messageOf(error))
}

/** What a server says may hold what it was sent. */
const firstLine = (text: string) => mask(text.split('\n')[0] ?? '').slice(0, 200)
