import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { list } from 'tar'
import { expect, test } from 'vitest'
import { temporaryFolder } from './helpers/temp.ts'

test('the packed program holds the program, its schema and its papers, and nothing of the workshop', async () => {
  const folder = temporaryFolder()
  const root = join(import.meta.dirname, '..')
  execFileSync('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], { cwd: root })
  const [tarball = ''] = readdirSync(folder)
  const names: string[] = []
  await list({ file: join(folder, tarball), onReadEntry: (entry) => names.push(entry.path) })
  for (const wanted of ['dist/bin.js', 'schema.json', 'README.md', 'CHANGELOG.md', 'LICENSE', 'package.json']) {
    expect(names).toContain(`package/${wanted}`)
  }
  expect(names.filter((name) => /^package\/(src|test|screenshots|\.)/.test(name))).toEqual([])
})
