import { relative, resolve } from 'node:path'
import { shellWord } from '../core/shell.ts'
import { findRoot } from '../config/load.ts'
import { openGit } from '../world/git.ts'
import { ownProgram } from '../world/detached.ts'
import type { Report } from './command.ts'
import type { Context } from './context.ts'
import { writeInitFiles } from './init-file.ts'

/** `knowngood init --hooks`: a pre-push hook that runs `check`. Pushes of a run, by us or by a command of the team's, pass it by. */
export async function initHooks(context: Context): Promise<Report> {
  const root = await findRoot(context.cwd)
  const said = (await openGit(root).raw(['rev-parse', '--git-path', 'hooks/pre-push'], { hooks: true })).trim()
  const file = resolve(root, said)
  const inside = relative(root, file)
  const path = inside.startsWith('..') ? file : inside
  const text = [
    '#!/bin/sh',
    '# Written by `knowngood init --hooks`: before a push, a line for all that is stale, unproven, missing or broken.',
    '[ -z "${KNOWNGOOD_PUSH:-}${KNOWNGOOD_RUN:-}" ] || exit 0',
    'if command -v knowngood >/dev/null 2>&1; then knowngood check </dev/null',
    `else ${ownProgram().map(shellWord).join(' ')} check </dev/null; fi && exit 0`,
    'code=$?',
    "echo 'Stopped by knowngood check. To push all the same: git push --no-verify' >&2",
    'exit "$code"',
    '',
  ].join('\n')
  return await writeInitFiles(context, root, [{ path, text, mode: 0o755 }], ['A push is stopped while check says 3.'])
}
