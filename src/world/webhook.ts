import { createHmac } from 'node:crypto'
import { messageOf } from '../core/failure.ts'

/**
 * Posts JSON to a webhook. With a secret the body is signed: `X-Knowngood-Signature-256: sha256=<hex>`, an HMAC-SHA256
 * of the bytes sent. Never throws: returns why it did not arrive, without the address, or null. Redirects are not followed.
 */
export async function postSigned(
  url: string,
  body: string,
  { secret, timeoutMs }: { secret: string | null; timeoutMs: number },
): Promise<string | null> {
  const signature = secret === null ? null : createHmac('sha256', secret).update(body, 'utf8').digest('hex')
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'knowngood',
    ...(signature === null ? {} : { 'x-knowngood-signature-256': `sha256=${signature}` }),
  }
  try {
    const signal = AbortSignal.timeout(timeoutMs)
    const answer = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal })
    await answer.body?.cancel()
    return answer.ok ? null : `it answered ${answer.status}`
  } catch (error) {
    if (error instanceof Error && error.name === 'TimeoutError') return `no answer within ${timeoutMs / 1000} s`
    const cause = error instanceof Error ? error.cause : undefined
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : null
    return code === null ? messageOf(error).replaceAll(url, 'the webhook') : `it cannot be reached (${code})`
  }
}
