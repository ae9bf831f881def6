import type { Context } from '../../src/commands/context.ts'

function missing(): never {
  throw new Error('not given to this test')
}

/** A headless call of a verb in a folder; what a test does not name cannot be used by accident. */
export function headless(cwd: string, more: Partial<Context> = {}): Context {
  return {
    cwd,
    argv: [],
    json: false,
    dryRun: false,
    interactive: false,
    waitMs: 0,
    operator: 'ana',
    host: 'laptop',
    now: () => new Date('2025-11-21T12:00:00Z'),
    signal: new AbortController().signal,
    project: missing,
    facts: missing,
    say: () => {},
    ...more,
  }
}
