import { join } from 'node:path'
import type { Io } from '../../src/core/plan.ts'

/** An Io as the runner hands to calls; `lines` is what was said. */
export function testIo(root: string, signal: AbortSignal = new AbortController().signal): Io & { lines: string[] } {
  const lines: string[] = []
  return {
    root,
    run: 'deploy-20261121_120000Z-a1b2',
    dir: join(root, '.knowngood/runs/deploy-20261121_120000Z-a1b2'),
    signal,
    bytes: () => {},
    line: (text) => lines.push(text),
    child: () => {},
    secret: () => '',
    lines,
  }
}
