import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Command } from '../../src/commands/command.ts'
import { completionScript } from '../../src/commands/completion.ts'
import { guides } from '../../src/commands/docs/guides.ts'
import { run as docs } from '../../src/commands/docs.ts'
import { schemaJson } from '../../src/commands/schema.ts'
import { commands } from '../../src/commands/table.ts'
import { VARIABLES } from '../../src/config/environment.ts'
import { noticeOfRun, noticeVariables } from '../../src/core/notice.ts'
import { headless } from '../helpers/context.ts'
import { temporaryFolder } from '../helpers/temp.ts'

/** Words after `knowngood`, as far as they name a verb of the table, and the verb they lead to. */
function verbOf(words: readonly string[], table: readonly Command[]): Command | undefined {
  const found = table.find(({ name }) => name === words[0])
  return found?.sub?.some(({ name }) => name === words[1]) ? verbOf(words.slice(1), found.sub) : found
}

describe('docs', () => {
  it('lists its topics, prints each, and names the closest one', async () => {
    const context = headless('/tmp')
    const { data } = await docs(context, [], {})
    const listed: { topic: string }[] = JSON.parse(JSON.stringify(data['topics']))
    const topics = listed.map(({ topic }) => topic)
    expect(topics).toEqual([
      'getting-started',
      'release-backups',
      'restore',
      'emergency',
      'drills',
      'mirrors',
      'gate',
      'deploy',
      'rollback',
      'recovery',
      'files',
      'environment',
      'configuration',
      'commands',
      'keys',
      'exit-codes',
    ])
    for (const topic of topics) {
      const { lines } = await docs(context, [topic], {})
      expect(lines.length).toBeGreaterThan(5)
      // Commands to copy stay on one line.
      expect(lines.filter((line) => line.length > 80 && !line.startsWith('    knowngood'))).toEqual([])
    }
    const { lines } = await docs(context, ['commands'], {})
    expect(lines).toContain('- `--type <type>`: what a release backup is for; release or patch')
    expect(lines).toContain('- `--rung <rung>`: how far up: hashed, readable or restored. Default: readable')
    await expect(docs(context, ['rolback'], {})).rejects.toMatchObject({ exit: 2, why: 'did you mean rollback?' })
  })

  it('writes everything to one file', async () => {
    const folder = temporaryFolder()
    const report = await docs(headless(folder), [], { write: 'reference.md' })
    expect(report.data['written']).toEqual([join(folder, 'reference.md')])
    const dry = await docs(headless(folder, { dryRun: true }), ['keys'], { write: 'other.md' })
    expect(dry.data['written']).toEqual([])
  })

  it('has the emergency on one page, readable without colours or a wide terminal', async () => {
    const { lines } = await docs(headless('/tmp'), ['emergency'], {})
    // A page of paper holds some 66 lines of 80 columns.
    expect(lines.length).toBeLessThanOrEqual(66)
    expect(lines.join('\n')).toMatch(/^[\n -~]*$/)
  })

  it('names every variable that is read as a setting, and that a hook is given', async () => {
    const project = { project: 'mosaic', environment: 'production' }
    const who = { operator: 'ana', host: 'laptop', at: '2025-11-21T12:07:11.000Z' }
    const ended = { exit: 5, outcome: 'failed', error: 'no', owed: [] }
    const notice = noticeOfRun(project, { op: 'deploy', title: 'Deploy', names: {} }, ended, who)
    if (notice === null) throw new Error('nobody is told')
    const text = (await docs(headless('/tmp'), ['environment'], {})).lines.join('\n')
    const names = [...VARIABLES.map(({ name }) => name), ...Object.keys(noticeVariables(notice))]
    expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(text))).toEqual([])
  })

  it('says of each verb that can be held that it may end with 3', () => {
    const all = commands.flatMap((one) => [one, ...(one.sub ?? [])])
    const folder = new URL('../../src/commands/', import.meta.url)
    const held = all.filter(({ load }) => {
      const file = /import\(["']\.\.\/([\w-]+\.ts)["']\)|\/commands\/([\w-]+\.ts)/.exec(String(load))
      return /\bheld\(|EXIT\.held/.test(readFileSync(new URL(file?.[1] ?? file?.[2] ?? '', folder), 'utf8'))
    })
    expect(held.length).toBeGreaterThan(8)
    expect(held.filter(({ exits }) => !exits.includes(3)).map(({ name }) => name)).toEqual([])
  })

  it('names only verbs and flags that exist', () => {
    const wrong: string[] = []
    for (const { topic, text } of guides) {
      for (const [, line = ''] of text.matchAll(/knowngood ((?:[a-z-]+ ?)(?:[^\s`]+ ?)*)/g)) {
        if (!/^[a-z]/.test(line)) continue
        const words = line.trim().split(/\s+/)
        const verb = verbOf(words, commands)
        if (verb === undefined) wrong.push(`${topic}: ${line}`)
        const known = [
          ...(verb?.flags ?? []).map(({ flags }) => flags.split(/[ ,]/)[0]),
          '--json',
          '--help',
          '--dry-run',
        ]
        for (const word of words.filter((one) => one.startsWith('--'))) {
          const flag = word.replace(/[=;,.].*$/, '')
          if (!known.includes(flag)) wrong.push(`${topic}: ${line.trim()} (${flag})`)
        }
      }
    }
    expect(wrong).toEqual([])
  })
})

describe('schema', () => {
  it('is a JSON Schema that refuses unknown keys', () => {
    expect(schemaJson()).toMatchObject({
      type: 'object',
      additionalProperties: false,
      $schema: expect.stringContaining('json-schema.org'),
    })
  })
})

/** What bash offers after these words. */
const ask = (words: string[]): string[] => {
  const file = join(temporaryFolder(), 'completion.bash')
  writeFileSync(file, completionScript('bash', commands).join('\n'))
  const script = `source ${file}; COMP_WORDS=(knowngood ${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length}; _knowngood; printf '%s\\n' "\${COMPREPLY[@]}"`
  return execFileSync('bash', ['-c', script], { encoding: 'utf8' }).trim().split('\n')
}

describe('completion', () => {
  it('offers verbs, their subcommands, values and flags', () => {
    expect(ask(['back'])).toEqual(['backup', 'backups'])
    expect(ask(['gate', 'w'])).toEqual(['waive'])
    expect(ask(['gate', 'waive', '--ap'])).toEqual(['--approved-by'])
    expect(ask(['completion', 'f'])).toEqual(['fish'])
    expect(ask(['deploy', '--type'])).toEqual(['--type'])
    expect(ask(['__'])).toEqual([''])
  })

  it('is written for three shells, and says so for another', () => {
    for (const shell of ['bash', 'zsh', 'fish'])
      expect(completionScript(shell, commands).join('\n')).toContain('rollback')
    expect(completionScript('zsh', commands).join('\n')).not.toMatch(/local path\b/)
    expect(() => completionScript('tcsh', commands)).toThrow('No completion for tcsh')
  })
})
