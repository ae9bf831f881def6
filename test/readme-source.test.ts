import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { run as backup } from '../src/commands/backup.ts'
import { run as doctor } from '../src/commands/doctor.ts'
import { run as verify } from '../src/commands/verify.ts'
import { loadProject } from '../src/config/load.ts'
import { observe } from '../src/facts/observe.ts'
import { headless } from './helpers/context.ts'
import { repository } from './helpers/repository.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const chapter = /^## Add a source in one file\n(.*?)^## /ms.exec(readme)?.[1] ?? ''
const block = (language: string) => new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'ms').exec(chapter)?.[1] ?? ''

test('a source written as the README says is backed up, read and opened', async () => {
  const { root, write } = repository()
  mkdirSync(join(root, 'tools'))
  write('tools/notes.js', block('js'))
  write('knowngood.yaml', block('yaml'))
  write('notes.json', '["remember", "the milk"]\n')
  const project = await loadProject(root)
  const facts = async () => observe(project, { live: false, operator: 'ana' })
  const context = headless(root, { now: () => new Date(), project: async () => project, facts, json: true })
  const { exit, data } = await backup(context, ['dump'], {})
  expect([exit, data['exports']]).toEqual([0, [expect.stringMatching(/^data\/notes-\d{8}_\d{6}Z\.json$/)]])
  expect(readFileSync(join(root, String(data['exportPath'])), 'utf8')).toContain('the milk')
  expect((await verify(context, [String(data['backupId'])], { rung: 'readable' })).exit).toBe(0)
  const { checks } = (await doctor(context, [], {})).data as unknown as { checks: { id: string; ok: unknown }[] }
  expect(checks.filter(({ id, ok }) => id === 'config' && ok === true)).toHaveLength(1)
  write('notes.json', '')
  expect((await backup(context, ['dump'], {})).exit).not.toBe(0)
})
