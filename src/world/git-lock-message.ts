import type { LockHolder } from '../core/facts.ts'

/** What the lock's commit says: the holder and the nonce, as one JSON document a person can read. */
export function lockMessage(holder: LockHolder, nonce: string): string {
  const { oid: _, ...said } = holder
  return `${JSON.stringify({ ...said, nonce }, null, 1)}\n`
}

/** Reads it back. A lock made by other means still names itself, so that it can be shown and taken over. */
export function readLockMessage(message: string, oid: string): { holder: LockHolder; nonce: string } {
  const said = parse(message)
  const text = (name: string, fallback: string) => (typeof said[name] === 'string' ? said[name] : fallback)
  return {
    nonce: text('nonce', ''),
    holder: {
      op: text('op', 'unknown'),
      run: text('run', 'unknown'),
      operator: text('operator', 'somebody'),
      host: text('host', 'unknown'),
      pid: typeof said.pid === 'number' ? said.pid : 0,
      started: text('started', ''),
      boot: text('boot', ''),
      reason: text('reason', 'the lock does not say why'),
      at: text('at', ''),
      heartbeat: text('heartbeat', ''),
      oid,
    },
  }
}

function parse(message: string): Record<string, unknown> {
  try {
    const said: unknown = JSON.parse(message)
    return typeof said === 'object' && said !== null ? { ...said } : {}
  } catch {
    return {}
  }
}
