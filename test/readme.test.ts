import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { Command } from '../src/commands/command.ts'
import { exitMeanings } from '../src/commands/parser.ts'
import { commands } from '../src/commands/table.ts'
import { parseConfig } from '../src/config/read-config.ts'

/** The pages a newcomer reads first promise nothing that is not there. */

const root = fileURLToPath(new URL('..', import.meta.url))
const pages = ['README.md', 'CHANGELOG.md', 'src/README.md']
const text = (page: string) => readFileSync(join(root, page), 'utf8')
const readme = text('README.md')

/** Whatever their five written systems name. */
const SCRIPTS =
  `run_deploy_gate.sh, deploy_now_zsh.sh, verify_live_deployment.sh, archive_current_site.sh, release-manager.sh,
DeploymentsAdmin.tsx, backup-quick, backup-full, list-backups, delete-backup, deployment/rollback, stack-snapshot.sh,
snapshot:dry-run, release.yml, gh release create, release_url, codex-data-backup.sh, stack-rollback.sh, smoke:prod,
stack-backup.sh backup, stack-backup.sh restore, stack-backup.sh emergency, backup_full_stack.sh, full-stack-backup.sh,
restore_full_stack.sh, start-local.sh, stack-health.sh, validate-mcp-config.sh, backend/scripts/*.py, *:immaculate-empty`.split(
    /,\s/,
  )

const SHARED = ['--json', '--dry-run', '--help', '--wait', '--directory']
const LISTED = commands.filter(({ hidden }) => hidden !== true)

/** Every `knowngood …` of a page: in a block, at the start of a line or after `$`; in a sentence, between backticks. */
function spoken(page: string): string[] {
  const blocks = [...page.matchAll(/^```\w*\n(.*?)^```/gms)].map(([, body = '']) => body)
  const lines = blocks.flatMap((body) => [...body.matchAll(/^(?:\$ )?knowngood(?![.\w-])([^#\n]*)/gm)])
  const inline = [...page.replaceAll(/^```.*?^```/gms, '').matchAll(/`knowngood(?![.\w-])([^`]*)`/g)]
  return [...lines, ...inline].map(([, rest = '']) => rest.trim())
}

/** What is wrong with a command line, or null. */
function flaw(line: string): string | null {
  const words = line.match(/"[^"]*"|\S+/g) ?? []
  const first = words.find((word) => !word.startsWith('-'))
  const plain = (word: string) => /^[a-z][a-z-]*$/.test(word)
  let command: Command | undefined = LISTED.find(({ name }) => name === first)
  if (first !== undefined && first !== 'COMMAND' && command === undefined) return 'no such command'
  const sub = command?.sub?.find(({ name }) => name === words[1])
  if (sub === undefined && command?.sub !== undefined && plain(words[1] ?? '')) return 'no such subcommand'
  command = sub ?? command
  if (command?.argChoices !== undefined && plain(words[1] ?? '') && !command.argChoices.includes(words[1] ?? ''))
    return `${words[1]} is not to be chosen`
  const flags = [...SHARED, ...(command?.flags ?? []).map(({ flags }) => flags.split(' ')[0])]
  const unknown = words.filter(
    (word) => word.startsWith('--') && word !== '--' && !flags.includes(word.split('=')[0] ?? ''),
  )
  return unknown.length > 0 ? `no flag ${unknown.join(', ')}` : null
}

describe.each(pages)('%s', (page) => {
  it('names only commands and flags that exist', () => {
    const wrong = spoken(text(page)).flatMap((line) =>
      flaw(line) === null ? [] : [`knowngood ${line}: ${flaw(line)}`],
    )
    expect(wrong).toEqual([])
  })

  it('links only to what is there', () => {
    const links = [...text(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, to = '']) => to)
    const missing = links
      .filter((to) => !/^https?:/.test(to))
      .filter((to) => !existsSync(join(root, dirname(page), to.split('#')[0] ?? '')))
    expect(missing).toEqual([])
  })

  it('fits the screen it is read on', () => {
    const wide = text(page)
      .split('\n')
      .filter((line) => line.length > 120 && !/^[|-]|^!?\[/.test(line))
    expect(wide).toEqual([])
  })
})

describe('README.md', () => {
  it('is found wanting when it names what is not there', () => {
    expect(flaw('backup everything')).toMatch('not to be chosen')
    expect(flaw('teleport')).toMatch('no such command')
    expect(flaw('deploy --force')).toMatch('no flag --force')
    expect(flaw('gate open')).toMatch('no such subcommand')
  })

  it('shows configurations that are taken as they are', async () => {
    const examples = [...readme.matchAll(/^```yaml\n(.*?)^```/gms)].map(([, body = '']) => body)
    expect(examples.length).toBeGreaterThan(1)
    for (const example of examples) await parseConfig(example)
  })

  it('says of every script that the five teams have what does its work', () => {
    const table = /^## Your script, this command\n(.*?)^## /ms.exec(readme)?.[1] ?? ''
    for (const script of SCRIPTS) expect(table).toContain(script)
  })

  it('gives every exit code its meaning', () => {
    const rows = [...readme.matchAll(/^\| (\d+) \| (.+) \|$/gm)].map(([, code, means]) => ({
      code: Number(code),
      means,
    }))
    expect(rows).toEqual(exitMeanings())
  })

  it('begins with the two commands, and scripts that exist', () => {
    expect(readme.indexOf('npm ci && npm start')).toBeLessThan(1_500)
    const { scripts, version } = JSON.parse(text('package.json')) as {
      scripts: Record<string, string>
      version: string
    }
    for (const [, script = ''] of readme.matchAll(/npm run ([\w-]+)/g)) expect(Object.keys(scripts)).toContain(script)
    expect(readme).toContain(`knowngood-${version}.tgz`)
    expect(text('CHANGELOG.md')).toContain(`## ${version}`)
  })
})

describe('src/README.md', () => {
  it('names files that are there', () => {
    const named = [...text('src/README.md').matchAll(/`([a-z-]+\/[\w./-]+\.tsx?)`/g)].map(([, file = '']) => file)
    expect(named.length).toBeGreaterThan(10)
    expect(named.filter((file) => !existsSync(join(root, 'src', file)) && !existsSync(join(root, file)))).toEqual([])
  })
})
