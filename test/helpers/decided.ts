import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { runId } from '../../src/core/naming.ts'
import type { Decided } from '../../src/plans/decided.ts'

/** What a plan needs from clock, chance and machine, the same every time. */
export function decidedFor(op: string): Decided {
  return {
    now: '2025-11-21T12:07:11.000Z',
    run: `${op}-20251121_120711Z-a1b2`,
    nonce: 'f'.repeat(32),
    operator: 'ana',
    host: 'laptop',
    by: { name: 'Ana', email: 'ana@mosaic.example' },
    version: '1.4.0',
    tool: '0.1.0',
    temp: '/tmp',
  }
}

/** The same from this machine, for a plan that is run; every one has a run of its own. */
export function decidedNow(op: string, at = new Date()): Decided {
  return {
    ...decidedFor(op),
    now: at.toISOString(),
    run: runId(op, at, randomBytes(2).toString('hex')),
    nonce: randomBytes(16).toString('hex'),
    by: { name: 'ana', email: 'ana@mosaic.example' },
    temp: tmpdir(),
  }
}
