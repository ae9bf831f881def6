import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** How much a team leaves behind in some years. */
export type Size = { commits: number; tags: number; logs: number; backups: number; files: number }
const YEARS: Size = { commits: 10_000, tags: 500, logs: 1_000, backups: 1_000, files: 2_000 }

const BORN = Date.UTC(2021, 0, 4, 9)
const DAY = 86_400_000

/** Makes the repository, and a bare `origin` beside it that has all but the newest ten commits. The newest tag is live. */
export function bigRepository(folder: string, url: string, size: Size = YEARS): { root: string; live: string } {
  const root = join(folder, 'clone')
  const origin = join(folder, 'origin.git')
  mkdirSync(root)
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 }).trim()
  git('init', '-q', '-b', 'main')
  for (const [key, value] of Object.entries({ 'user.name': 'ana', 'user.email': 'ana@example.com', 'gc.auto': '0' }))
    git('config', key, value)
  execFileSync('git', ['fast-import', '--quiet'], { cwd: root, input: stream(size) })
  git('reset', '-q', '--hard', 'main')
  git('init', '-q', '--bare', origin)
  git('remote', 'add', 'origin', origin)
  git('push', '-q', 'origin', 'main~10:refs/heads/main', 'main~10:refs/heads/prod-current', '--tags')
  git('fetch', '-q')
  const commits = git('rev-list', '--reverse', 'main').split('\n')
  writeQuickBackups(root, commits, size.backups)
  writeLogs(root, commits, size)
  writeFileSync(join(root, 'knowngood.yaml'), settings(url))
  git('add', 'knowngood.yaml', '.gitignore')
  git('commit', '-q', '-m', 'Adopt Knowngood')
  return { root, live: git('rev-parse', 'refs/remotes/origin/prod-current') }
}

/** A clone of it that keeps ten thousand backups: nine of ten are quick records, the others archives of a release. */
export function manyBackups(folder: string, from: string, count = 10_000): string {
  const root = join(folder, 'crowded')
  execFileSync('git', ['clone', '-q', from, root])
  const commits = execFileSync('git', ['rev-list', '--reverse', 'HEAD'], { cwd: root, encoding: 'utf8' })
    .trim()
    .split('\n')
  const archives = Math.floor(count / 10)
  writeQuickBackups(root, commits, count - archives)
  const emptyZip = Buffer.concat([Buffer.from('PK\u0005\u0006'), Buffer.alloc(18)])
  for (let index = 0; index < archives; index += 1) {
    const date = new Date(BORN + index * DAY).toISOString().slice(0, 10)
    writeFileSync(join(root, 'backups', `prod-${date}.zip`), emptyZip)
  }
  // What looks at backups keeps what it read only where Knowngood is in use.
  mkdirSync(join(root, '.knowngood'), { mode: 0o700 })
  return root
}

function stream({ commits, tags, files }: Size): string {
  const parts: string[] = []
  const when = (index: number) =>
    `ana <ana@example.com> ${Math.floor((BORN + (index * 5 * 365 * DAY) / commits) / 1000)} +0000`
  const data = (text: string) => `data ${Buffer.byteLength(text)}\n${text}\n`
  for (let index = 0; index < commits; index += 1) {
    parts.push(
      `commit refs/heads/main\nmark :${index + 1}\ncommitter ${when(index)}\n${data(`Change ${index} of the shop`)}`,
    )
    const changed = index === 0 ? Array.from({ length: files }, (_, file) => file) : [index % files]
    if (index === 0)
      parts.push(
        `M 100644 inline .gitignore\n${data('.knowngood/\nbackups/\ndeploy_logs/\n.verification_audit.log\n')}`,
      )
    for (const file of changed)
      parts.push(`M 100644 inline src/${file % 40}/${file}.txt\n${data(`${file} at ${index}\n`)}`)
  }
  // The newest tag stands ten commits back, where production is.
  for (let tag = 0; tag < tags; tag += 1) {
    const at = commits - 10 - (tags - 1 - tag) * Math.floor((commits - 10) / tags)
    const name = `prod-${new Date(BORN + (tag * 5 * 365 * DAY) / tags).toISOString().slice(0, 10)}`
    parts.push(`tag ${name}\nfrom :${at}\ntagger ${when(at)}\n${data(`Release ${tag}`)}`)
  }
  return `${parts.join('')}done\n`
}

function writeQuickBackups(root: string, commits: string[], backups: number): void {
  const folder = join(root, 'backups', 'quick')
  mkdirSync(folder, { recursive: true })
  for (let index = 0; index < backups; index += 1) {
    const at = BORN + index * DAY
    const commitHash = commits[Math.floor((index * commits.length) / backups)]
    const record = {
      id: `quick-${at}`,
      type: 'quick',
      timestamp: new Date(at).toISOString(),
      commitHash,
      commitMessage: `Change ${index}`,
      branch: 'main',
    }
    writeFileSync(join(folder, `quick-backup-${at}.json`), JSON.stringify(record, null, 2))
  }
}

function writeLogs(root: string, commits: string[], { logs }: Size): void {
  const folder = join(root, 'deploy_logs')
  mkdirSync(folder)
  for (let index = 0; index < logs; index += 1) {
    const date = new Date(BORN + index * DAY).toISOString().slice(0, 10)
    const commit = commits[Math.floor((index * commits.length) / logs)]
    writeFileSync(
      join(folder, `${date}_change-${index}.md`),
      `# Deploy ${date}\n\n- Production tag recorded: \`prod-${date}\` @ commit \`${commit}\`\n- Initiator: ana\n\nAll routes checked.\n`,
    )
  }
}

function settings(url: string): string {
  return `project: shop
environment: production
git: { remote: origin, branch: main, current: prod-current, tag: "prod-{date}" }
deploy: { backup: quick, targets: [{ use: git-push }] }
verify: { timeout: 10s, reads: 3, checks: [{ url: "${url}/", contains: "<!-- BUILD_ID:{id} -->" }] }
`
}
