import { shellWord } from './shell.ts'

/** What tells a wrapper of ours from a team's own script. */
const MARK = '# Written by knowngood shim.'

export function isShim(text: string): boolean {
  return text.split('\n', 5).includes(MARK)
}

/** Where the old script stays: `backup.sh` becomes `backup.legacy.sh`. */
export function legacyName(script: string): string {
  return script.replace(/(?<=[^/])(\.[A-Za-z0-9]+)?$/, '.legacy$1')
}

/** A wrapper for an old script; both paths as the wrapper finds them from its own folder. */
export function shimText(script: string, legacy: string, command: readonly string[]): string {
  const words = command.map(shellWord).join(' ')
  const old = `"$(dirname -- "$0")"/${shellWord(legacy)}`
  return [
    '#!/bin/sh',
    MARK,
    `# ${script.replaceAll(/\p{Cc}/gu, '')} is deprecated. The old one is kept beside it and runs with KNOWNGOOD_LEGACY=1.`,
    `if [ "\${KNOWNGOOD_LEGACY:-}" = 1 ]; then exec ${old} "$@"; fi`,
    `printf '%s\\n' ${shellWord(`DEPRECATED: ${script} is replaced by: ${command.join(' ')}`)} >&2`,
    // Who only asks is not handed over to what acts; and what the old words mean to the new command, nobody knows.
    'case " $* " in *" -h "* | *" --help "*)',
    `  printf '%s\\n' 'The old one: KNOWNGOOD_LEGACY=1 '"$0" >&2; exit 0 ;;`,
    'esac',
    `[ $# -eq 0 ] || printf '%s\\n' "What it was called with is not handed on ($# words)." >&2`,
    `printf '%s\\n' 'It goes on in 5 seconds; Ctrl-C stops it. The old one: KNOWNGOOD_LEGACY=1 '"$0" >&2`,
    'sleep 5',
    `exec ${words}`,
    '',
  ].join('\n')
}
