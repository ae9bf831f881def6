import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { completionScript } from '../../src/commands/completion.ts'
import { commands } from '../../src/commands/table.ts'
import { missing } from '../helpers/needs.ts'

type Shell = 'bash' | 'zsh' | 'fish'

/** What a real shell offers for a line with its script loaded; the last word is the one being written. */
function offered(shell: Shell, ...words: string[]): string[] {
  const script = completionScript(shell, commands).join('\n')
  const list = words.map((word) => `'${word}'`).join(' ')
  const asked = {
    bash: `COMP_WORDS=(${list}); COMP_CWORD=${words.length - 1}; _knowngood; printf '%s\\n' "\${COMPREPLY[@]}"`,
    zsh: `words=(${list}); CURRENT=${words.length}; _knowngood`,
    fish: `complete -C '${words.join(' ')}'`,
  }[shell]
  const before =
    shell === 'zsh' ? '_describe() { print -l -- "${(@P)2}" }\n_files() { print -l -- * }\ncompdef() {}\n' : ''
  const argv = shell === 'zsh' ? ['-f'] : shell === 'bash' ? ['--norc'] : ['--no-config']
  const said = execFileSync(shell, [...argv, '-c', `${before}${script}\n${asked}`], {
    encoding: 'utf8',
    timeout: 20_000,
  })
  return said.split('\n').flatMap((row) => row.split(/[:\t]/)[0]?.trim() || [])
}

test.for(['bash', 'zsh', 'fish'] as const)('%s offers what may follow', (shell, context) => {
  context.skip(missing(shell), `needs the package ${shell}`)
  expect(offered(shell, 'kg', '')).toEqual(expect.arrayContaining(['status', 'deploy', 'rollback']))
  expect(offered(shell, 'kg', 'backup', '')).toEqual(expect.arrayContaining(['quick', 'full', 'set']))
  expect(offered(shell, 'kg', 'gate', '')).toEqual(expect.arrayContaining(['confirm', 'fail', 'waive']))
  const confirm = offered(shell, 'kg', 'gate', 'confirm', '--')
  expect(confirm).toContain('--evidence')
  expect(confirm).not.toContain('--status')
  // A verb of the same name has flags of its own.
  expect(confirm).not.toContain('--reason')
  expect(offered(shell, 'kg', 'confirm', '--')).toContain('--reason')
  expect(offered(shell, 'kg', 'baseline', 'verify', '--')).not.toContain('--rung')
  expect(offered(shell, 'kg', 'verify', '--')).toContain('--rung')
  expect(offered(shell, 'kg', 'backup', 'bundle', '--')).not.toContain('--docker-image')
})

test.for(['bash', 'zsh', 'fish'] as const)(
  '%s offers files where a file is meant, and nowhere else',
  (shell, context) => {
    context.skip(missing(shell), `needs the package ${shell}`)
    // The tests run where a package.json stands.
    for (const line of [
      ['rollback', ''],
      ['rollback', 'pack'],
      ['backup', ''],
      ['deploy', '--reason', ''],
    ])
      expect(offered(shell, 'kg', ...line)).not.toContain('package.json')
    for (const line of [
      ['gate', 'confirm', '--evidence', 'pack'],
      ['shim', 'pack'],
      ['status', '--directory', 'pack'],
    ])
      expect(offered(shell, 'kg', ...line)).toContain('package.json')
    expect(offered(shell, 'kg', 'rollback', '--by', '')).toEqual(expect.arrayContaining(['revert', 'reset']))
    expect(offered(shell, 'kg', 'rollback', '--by', '')).not.toContain('--json')
  },
)
