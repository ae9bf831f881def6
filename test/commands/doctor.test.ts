import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { run } from '../../src/commands/doctor.ts'
import { headless } from '../helpers/context.ts'
import { repository, sh, temporaryFolder } from '../helpers/repository.ts'

type Row = { id: string; ok: boolean | string; says: string; fix: string }

async function doctor(root: string): Promise<{ exit: number; rows: Row[]; lines: readonly string[] }> {
  const report = await run(headless(root), [], {})
  return { exit: report.exit, rows: JSON.parse(JSON.stringify(report.data['checks'])), lines: report.lines }
}

function configured(yaml: string) {
  const repo = repository()
  repo.write('.gitignore', '.knowngood/\nbackups/\n')
  repo.write('knowngood.yaml', yaml)
  repo.sh('config', 'user.name', 'Ana')
  repo.sh('config', 'user.email', 'ana@mosaic.example')
  return repo
}

const wrong = (rows: readonly Row[]) => rows.filter(({ ok }) => ok === false).map(({ id }) => id)

describe('doctor', () => {
  it('finds nothing wrong where nothing is, but a verification that is not there', async () => {
    const { rows, exit } = await doctor(configured('project: mosaic\n').root)
    expect(wrong(rows)).toEqual(['verify'])
    expect(exit).toBe(3)
    for (const row of rows.filter(({ ok }) => ok !== true)) expect(row.fix).not.toBe('')
  })

  it('says of a repository without a commit that it has none, not that a branch is missing', async () => {
    const root = temporaryFolder()
    sh(root, 'init', '--quiet', '--initial-branch=main')
    const row = (await doctor(root)).rows.find(({ id }) => id === 'branch')
    expect(row).toMatchObject({ ok: false, says: 'there are no commits yet: nothing can be released' })
  })

  it('says of a clone without the branch that it is on the remote, and how to get it', async () => {
    const repo = configured('project: mosaic\n')
    const root = temporaryFolder()
    sh(root, 'clone', '--quiet', '--no-checkout', repo.root, '.')
    sh(root, 'symbolic-ref', 'HEAD', 'refs/heads/trunk')
    sh(root, 'update-ref', '-d', 'refs/heads/main')
    const row = (await doctor(root)).rows.find(({ id }) => id === 'branch')
    expect(row).toMatchObject({ ok: false, says: 'there is no branch main here' })
    expect(row?.fix).toContain('git switch main')
  })

  it('names programs that are missing or may not run', async () => {
    const repo = configured(
      'gate: { checks: [{ id: a, run: [no-such-program-here] }, { id: b, run: [./there.sh] }, { id: c, run: [./gone.sh] }, { id: d, run: [git, fsck] }] }\n',
    )
    repo.write('there.sh', 'true\n')
    const { rows } = await doctor(repo.root)
    expect(wrong(rows)).toEqual(
      expect.arrayContaining(['program.no-such-program-here', 'program../there.sh', 'program../gone.sh']),
    )
    expect(rows.find(({ id }) => id === 'program../there.sh')?.fix).toBe('chmod +x ./there.sh')
    expect(rows.find(({ id }) => id === 'program.git')?.ok).toBe(true)
  })

  it('looks at mirrors, and at the programs that restores and drills start, before they are needed', async () => {
    const repo = configured(
      [
        'mirrors: [{ use: directory, to: /no/such/drive, kinds: [site] }]',
        'services: [{ stop: [no-such-stop, api], start: [git, fsck] }]',
        'emergency: { smoke: [[./gone.sh]] }',
        'drills: { spot: { smoke: [[no-such-smoke]] } }',
        '',
      ].join('\n'),
    )
    const { rows } = await doctor(repo.root)
    expect(wrong(rows)).toEqual(
      expect.arrayContaining([
        'mirror./no/such/drive',
        'program.no-such-stop',
        'program../gone.sh',
        'program.no-such-smoke',
      ]),
    )
  })

  it('fails when backups are committed or not ignored', async () => {
    const repo = configured('project: mosaic\n')
    repo.write('.gitignore', '')
    repo.commit('Backups', { 'backups/site-backup_1.zip': 'x' })
    const { rows } = await doctor(repo.root)
    expect(wrong(rows)).toEqual(expect.arrayContaining(['backups.tracked', 'ignored']))
  })

  it('knows whether a remote on this machine lets prod-current go back', async () => {
    const repo = configured('project: mosaic\n')
    expect((await doctor(repo.root)).rows.find(({ id }) => id === 'remote.rewind')?.ok).toBe(true)
    repo.sh('-C', repo.remote, 'config', 'receive.denyNonFastForwards', 'true')
    expect((await doctor(repo.root)).rows.find(({ id }) => id === 'remote.rewind')).toMatchObject({
      ok: false,
      fix: expect.stringContaining('receive.denyNonFastForwards false'),
    })
    repo.sh('remote', 'set-url', 'origin', join(repo.root, 'gone.git'))
    expect(wrong((await doctor(repo.root)).rows)).toContain('remote')
  })

  it('sees folders that lead elsewhere, cannot be written or are none', async () => {
    const repo = configured('project: mosaic\n')
    symlinkSync('/tmp', join(repo.root, 'backups'))
    writeFileSync(join(repo.root, 'evidence'), '')
    const says = (await doctor(repo.root)).rows.filter(({ id }) => id === 'folders').map((row) => row.says)
    expect(says).toEqual([
      expect.stringContaining('backups is a link'),
      expect.stringContaining('evidence is not a folder'),
    ])
  })

  it.skipIf(process.getuid?.() === 0)('sees folders it may not write to', async () => {
    const repo = configured('project: mosaic\n')
    mkdirSync(join(repo.root, 'deploy_logs'))
    chmodSync(join(repo.root, 'deploy_logs'), 0o500)
    expect(wrong((await doctor(repo.root)).rows)).toContain('folders')
    chmodSync(join(repo.root, 'deploy_logs'), 0o700)
  })

  it('tells a broken configuration line by line instead of stopping', async () => {
    const { rows, exit } = await doctor(configured('enviroment: x\nbackups: { quick: { keep: 0 } }\n').root)
    expect(exit).toBe(3)
    expect(rows.filter(({ id }) => id === 'config').map((row) => row.says)).toEqual([
      'line 1: enviroment is unknown; did you mean environment?',
      'line 2: backups.quick.keep is at least 1: nothing would be kept',
    ])
  })

  it('says that production does not answer, and where a stamp would not go', async () => {
    const repo = configured(
      'verify: { checks: [{ url: "http://127.0.0.1:9/" }] }\nbuild: { stamp: [{ file: index.html, text: "<!-- NO:{id} -->" }, { file: gone.html, text: "<!-- BUILD_ID:{id} -->" }] }\nsources: { db: { use: sqlite, path: gone.db } }\n',
    )
    const { rows } = await doctor(repo.root)
    expect(wrong(rows)).toEqual(expect.arrayContaining(['verify', 'stamp', 'sqlite.gone.db']))
  })

  it('names the line that breaks the audit chain', async () => {
    const repo = configured('project: mosaic\n')
    const line = {
      v: 1,
      at: 'x',
      actor: 'a',
      host: 'h',
      run: null,
      event: 'e',
      outcome: 'o',
      subject: 's',
      prev: 'nonsense',
    }
    writeFileSync(join(repo.root, '.verification_audit.log'), `old\n${JSON.stringify(line)}\n`)
    const { rows } = await doctor(repo.root)
    expect(rows.find(({ id }) => id === 'audit')).toMatchObject({ ok: false, says: expect.stringContaining('line 2') })
  })
})
