import { mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { DeployLog } from '../../src/core/deploy-log.ts'
import { renderDeployLog } from '../../src/core/deploy-log.ts'
import { readDeployLog } from '../../src/core/read-deploy-log.ts'
import { readLogLines, writeDeployLog } from '../../src/records/deploy-log.ts'
import { readLogs, writeLogIndex } from '../../src/records/log-index.ts'

let root = ''
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'kg-logs-'))
  await mkdir(join(root, 'deploy_logs'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

const put = (name: string, text: string) => writeFile(join(root, 'deploy_logs', name), text)

const LOG: DeployLog = {
  title: 'Release 1.5.0 of mosaic / production',
  at: '2025-11-21T12:07:11.000Z',
  outcome: 'certified',
  operator: 'ana',
  host: 'deck',
  run: 'deploy-20251121_120711Z-a1b2',
  commit: '9f2c1e0'.padEnd(40, '0'),
  commitSubject: 'Ship *it* | now',
  tag: 'prod-2025-11-21',
  buildId: '9f2c1e0',
  version: '1.5.0',
  type: 'release',
  backup: 'backups/quick/quick-backup-1.json',
  artefact: 'backups/prod-2025-11-21.zip',
  rollbackTarget: 'prod-2025-11-18',
  reason: null,
  deployUrl: 'https://mosaic.example/',
  tookMs: 41_000,
  gate: {
    state: 'passed',
    file: '.knowngood/gate/x.json',
    items: [
      {
        title: 'Pre-push',
        state: 'waived',
        by: 'ana',
        at: '2025-11-21T11:00:00.000Z',
        reason: 'known flake',
        approvedBy: 'ben',
        evidence: [],
      },
      {
        title: 'Sign-in',
        state: 'pass',
        by: 'ana',
        at: '2025-11-21T11:01:00.000Z',
        reason: null,
        approvedBy: null,
        evidence: [{ from: 'a.png', kept: 'evidence/x/a.png', sha256: 'f'.repeat(64) }],
      },
    ],
  },
  reads: [
    { url: 'https://mosaic.example/', at: '2025-11-21T12:07:40.000Z', ok: true, says: 'BUILD_ID 9f2c1e0 in 31 ms' },
  ],
  notes: ['first\u001b[31m line <script>'],
}

describe('our own log', () => {
  test('says everything, escaped, and is read back', () => {
    const text = renderDeployLog(LOG)
    expect(text).toContain('- **Tag:** `prod-2025-11-21`')
    expect(text).toContain('Ship \\*it\\* \\| now')
    expect(text).toContain('## Deviations\n\n- Pre-push: waived, approved by ben. known flake')
    expect(text).toContain('- ✓ <https://mosaic.example/> at 2025-11-21T12:07:40.000Z: BUILD\\_ID 9f2c1e0 in 31 ms')
    expect(text).toContain('SHA-256 `ffff')
    expect(text).toContain('- first line \\<script\\>')
    expect(text).not.toContain('\u001b')
    expect(readDeployLog('2025-11-21_v1-5-0.md', text)).toEqual({
      file: '2025-11-21_v1-5-0.md',
      date: '2025-11-21',
      at: '2025-11-21T12:07:11.000Z',
      slug: 'v1-5-0',
      title: 'Release 1.5.0 of mosaic / production',
      tag: 'prod-2025-11-21',
      commit: LOG.commit,
      buildId: '9f2c1e0',
      version: '1.5.0',
      type: 'release',
      operator: 'ana',
      outcome: 'certified',
      run: LOG.run,
      rollbackTarget: 'prod-2025-11-18',
      backup: 'backups/quick/quick-backup-1.json',
    })
  })

  test('is written once a run; another run of that day gets a name of its own', async () => {
    const first = await writeDeployLog(root, 'deploy_logs', 'v1.5.0', LOG)
    expect(first).toEqual({ path: 'deploy_logs/2025-11-21_v1-5-0.md', added: true })
    expect(await writeDeployLog(root, 'deploy_logs', 'v1.5.0', LOG)).toEqual({ ...first, added: false })
    const other = {
      ...LOG,
      at: '2025-11-21T13:00:00.000Z',
      run: 'deploy-20251121_130000Z-b2c3',
      outcome: 'failed',
      tag: null,
      buildId: null,
    }
    expect(await writeDeployLog(root, 'deploy_logs', 'v1.5.0', other)).toMatchObject({
      path: 'deploy_logs/2025-11-21_v1-5-0-2.md',
    })
    expect((await readLogs(root, 'deploy_logs')).map(({ outcome, tag }) => [outcome, tag])).toEqual([
      ['failed', null],
      ['certified', 'prod-2025-11-21'],
    ])
    expect(await readLogLines(root, 'deploy_logs', '2025-11-21_v1-5-0.md')).toContain(
      '# Release 1.5.0 of mosaic / production',
    )
    await expect(readLogLines(root, 'deploy_logs', '../secret.md')).rejects.toThrow('not a log')
  })
})

describe('logs written by hand', () => {
  test('the sentence with tag and commit', () => {
    const text = `# PS101 QA Mode
- Latest deploy log: x
- Production tag recorded: \`prod-2025-11-18\` @ commit \`31d099cc21a03d221bfb66381a0b8e4445b04efc\` (ensure tag exists before reusing).
- Rollback target: \`prod-2025-11-12\``
    expect(readDeployLog('2025-11-18_ps101-qa-mode.md', text)).toMatchObject({
      date: '2025-11-18',
      slug: 'ps101-qa-mode',
      title: 'PS101 QA Mode',
      tag: 'prod-2025-11-18',
      commit: '31d099cc21a03d221bfb66381a0b8e4445b04efc',
      rollbackTarget: 'prod-2025-11-12',
    })
  })

  test.each([
    ['**Tag**: prod-2025-11-18\n**Commit SHA:** `31d099c`\n**BUILD_ID:** 31d099c'],
    ['| Tag | prod-2025-11-18 |\n|---|---|\n| Commit | 31d099c |\n| BUILD_ID | 31d099c |'],
    ['* Tagged as `prod-2025-11-18` after the walk\n* Deployed commit 31d099c, page says <!-- BUILD_ID:31d099c -->'],
    ['Tag: prod-2025-11-18 (was prod-2025-11-12)\r\nCommit: 31d099c fix things\r\nBUILD_ID: `31d099c`\r\n'],
  ])('%j', (text) => {
    expect(readDeployLog('2025-11-18_x.md', text)).toMatchObject({
      tag: 'prod-2025-11-18',
      commit: '31d099c',
      buildId: '31d099c',
    })
  })

  test('what is not said is null, and another release is not taken for this one', () => {
    const text = '# Notes\nRolled back from prod-2025-11-12 at commit 31d099c.\nCommit: tbd\nTag: none\n'
    expect(readDeployLog('20251118-notes.md', text)).toMatchObject({
      date: '2025-11-18',
      slug: 'notes',
      tag: null,
      commit: null,
      buildId: null,
      operator: null,
    })
    expect(readDeployLog('2025-11-18.md', '')).toMatchObject({ slug: '', title: '', at: null })
  })

  test('hostile text is inert, and no text takes long', () => {
    const text = `# a\u001b]52;c;AAAA\u0007b\u202etxt\nOperator: \u001b[31meve\n`
    expect(readDeployLog('2025-11-18_x.md', text)).toMatchObject({ title: 'abtxt', operator: 'eve' })
    const started = performance.now()
    for (const piece of ['a ', '| ', 'commit ', 'BUILD_ID: ', '`', '**', '- '])
      readDeployLog('2025-11-18_x.md', piece.repeat(60_000))
    expect(performance.now() - started).toBeLessThan(3_000)
  })
})

describe('the index', () => {
  test('sums up every log, the same bytes for the same logs', async () => {
    await put('2025-11-18_ps101-qa-mode.md', 'Production tag recorded: `prod-2025-11-18` @ commit `31d099c`')
    await put('2025-11-12_first.md', 'Tag: prod-2025-11-12')
    await put('README.md', 'Tag: prod-2025-11-12')
    await symlink('2025-11-12_first.md', join(root, 'deploy_logs/2025-11-13_link.md'))
    expect(await writeLogIndex(root, 'deploy_logs')).toEqual({ path: 'deploy_logs/index.json', logs: 2 })
    const index = await readFile(join(root, 'deploy_logs/index.json'), 'utf8')
    expect(JSON.parse(index)).toMatchObject({
      schema: 1,
      logs: [{ tag: 'prod-2025-11-18', commit: '31d099c' }, { tag: 'prod-2025-11-12' }],
    })
    await writeLogIndex(root, 'deploy_logs')
    expect(await readFile(join(root, 'deploy_logs/index.json'), 'utf8')).toBe(index)
  })

  test('a changed log is read again, a removed one is gone, and the cache may be deleted or broken', async () => {
    await mkdir(join(root, '.knowngood'))
    await put('2025-11-18_a.md', 'Tag: prod-2025-11-18')
    await put('2025-11-12_b.md', 'Tag: prod-2025-11-12')
    await readLogs(root, 'deploy_logs')
    await put('2025-11-18_a.md', 'Tag: prod-2025-11-19')
    await utimes(join(root, 'deploy_logs/2025-11-18_a.md'), 0, 0)
    await rm(join(root, 'deploy_logs/2025-11-12_b.md'))
    expect((await readLogs(root, 'deploy_logs')).map(({ tag }) => tag)).toEqual(['prod-2025-11-19'])
    await rm(join(root, '.knowngood'), { recursive: true })
    expect(await readLogs(root, 'deploy_logs')).toHaveLength(1)
    expect(await readLogs(root, 'nowhere')).toEqual([])
  })

  test('looking leaves nothing where nothing of ours was', async () => {
    await put('2025-11-18_a.md', 'Tag: prod-2025-11-18')
    expect(await readLogs(root, 'deploy_logs')).toHaveLength(1)
    expect(await readdir(root)).toEqual(['deploy_logs'])
  })

  test('a thousand logs are summed up quickly', async () => {
    await mkdir(join(root, '.knowngood'))
    for (let index = 0; index < 1_000; index += 1) {
      const day = new Date(1_600_000_000_000 + index * 86_400_000).toISOString().slice(0, 10)
      await put(
        `${day}_release.md`,
        `# Release\nTag: prod-${day}\nCommit: ${'ab1'.repeat(13)}\n${'words '.repeat(200)}\n`,
      )
    }
    await readLogs(root, 'deploy_logs')
    const started = performance.now()
    expect(await readLogs(root, 'deploy_logs')).toHaveLength(1_000)
    const took = performance.now() - started
    expect(took).toBeLessThan(300)
    if (process.env['KG_SHOW_TIMES']) process.stderr.write(`read in ${took.toFixed(1)} ms\n`)
  }, 20_000)
})
