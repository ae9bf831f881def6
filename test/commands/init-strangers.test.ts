import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { run } from '../../src/commands/init.ts'
import { loadProject } from '../../src/config/load.ts'
import { outsideFailure } from '../../src/report/outside.ts'
import { headless } from '../helpers/context.ts'
import { repository, sh, temporaryFolder } from '../helpers/repository.ts'

type Files = Record<string, string>

/** `init` on a repository with these files; what it wrote is loaded again, so it must be valid. */
async function strangers(files: Files) {
  const repo = repository()
  repo.commit('Grow', files)
  const { data } = await run(headless(repo.root), [], {})
  const { text, unsure, found } = data as { text: string; unsure: string[]; found: { what: string; where: string }[] }
  return { repo, text, unsure, what: found.map(({ what }) => what), project: await loadProject(repo.root, {}) }
}

const app = (name: string, more: object = {}) => JSON.stringify({ name, version: '1.0.0', ...more })

it('takes a Prisma monorepo by its apps and packages, and names its variable without its value', async () => {
  const { project, text, what } = await strangers({
    'package.json': app('root', { workspaces: ['apps/*', 'packages/*'] }),
    'apps/web/package.json': app('web', { homepage: 'https://shop.example/' }),
    'apps/api/package.json': app('api'),
    'packages/db/package.json': app('db'),
    'packages/db/prisma/schema.prisma': 'datasource db {\n  provider = "postgresql"\n  url = env("DATABASE_URL")\n}\n',
    '.env': 'DATABASE_URL=postgres://shop:hunter2@db.internal/shop\n',
  })
  expect(project.sources).toEqual({
    database: { use: 'postgres', url: '$DATABASE_URL', migrations: 'prisma' },
    code: { use: 'files', parts: { api: ['apps/api'], web: ['apps/web'], db: ['packages/db'] } },
  })
  expect(text).not.toMatch(/hunter2|db\.internal/)
  expect(text).toContain('[npx, prisma, migrate, deploy, "--schema", packages/db/prisma/schema.prisma]')
  expect(project.deploy.migrate).toEqual([])
  expect(what).toContain('production at https://shop.example/')
})

it('takes an Alembic and compose template, with Windows line ends', async () => {
  const { project, what } = await strangers({
    VERSION: '2.0.1\r\n',
    'compose.yml':
      'services:\r\n  db:\r\n    image: postgres:17\r\n  web:\r\n    build: .\r\n    image: team/web:latest\r\n',
    'backend/alembic.ini': '[alembic]\r\nscript_location = app/alembic\r\n',
    'backend/pyproject.toml': '[project]\r\nname = "app"\r\n',
    '.env': 'POSTGRES_URL="postgresql+psycopg://a:hunter2@db/app"\r\nCACHE=redis://:hunter2@cache:6379/0\r\n',
    '.gitignore': '*.log\r\n',
    'scripts/check.sh': '#!/bin/sh\r\ntrue\r\n',
  })
  expect(project.sources).toEqual({
    images: { use: 'docker', images: ['team/web:latest'], compose: 'compose.yml' },
    database: { use: 'postgres', url: '$POSTGRES_URL', migrations: 'alembic' },
    cache: { use: 'redis', url: '$CACHE' },
  })
  expect(project.version.file).toBe('VERSION')
  expect(what).toContain('migrations by Alembic')
})

it('leaves a Convex deployment that nothing names as a comment, so that doctor has nothing to say against it', async () => {
  const { project, text, unsure } = await strangers({
    'package.json': app('chat', { dependencies: { convex: '1.29.0' }, scripts: { deploy: 'convex deploy' } }),
    'vercel.json': '{}',
    '.env.local': 'CONVEX_DEPLOYMENT=dev:quiet-trout-456\n',
  })
  expect(project.sources).toEqual({})
  expect(text).toMatch(/^# {3}database: \{ use: convex, deployment: name-of-production \}/m)
  expect(unsure.join('\n')).toMatch(/which deployment is production/)
  expect(unsure.join('\n')).toMatch(/vercel\.json was found: if main is not built from a push/)
  expect(text).toMatch(/^ +# - \{ use: command, run: \[npm, run, deploy\] \}/m)
  expect(text).not.toContain('trout')
})

it('takes parts with spaces and letters of other alphabets, under plain names', async () => {
  const { project } = await strangers({
    'package.json': app('root'),
    'apps/wéb app/package.json': app('web'),
    'packages/ünï kit/package.json': app('kit'),
  })
  expect(project.sources['code']).toEqual({
    use: 'files',
    parts: { 'web-app': ['apps/wéb app'], 'uni-kit': ['packages/ünï kit'] },
  })
})

it('says that git cannot read a repository, and drafts nothing of it', async () => {
  const repo = repository()
  writeFileSync(join(repo.root, '.git/config'), '[core\n')
  const failed = await run(headless(repo.root), [], {}).catch((error: unknown) => outsideFailure(error))
  expect(failed).toMatchObject({
    what: 'Git cannot read this repository',
    exit: 2,
    why: expect.stringContaining('bad config line 1'),
  })
  expect(existsSync(join(repo.root, 'knowngood.yaml'))).toBe(false)
})

it('takes nothing that lies among tests, fixtures and examples', async () => {
  const { project, what } = await strangers({
    'package.json': app('library'),
    'test/fixtures/chat/package.json': app('chat', { dependencies: { convex: '1.29.0' } }),
    'test/fixtures/chat/convex.json': '{ "prodUrl": "https://happy-sturgeon-123.convex.cloud" }',
    'examples/api/alembic.ini': '[alembic]\nscript_location = alembic\n',
    'examples/api/ecosystem.config.cjs': "module.exports = { apps: [{ name: 'api', cwd: '/srv/shop/current' }] }",
  })
  expect([project.sources, project.deploy.targets]).toEqual([{}, [{ use: 'git-push' }]])
  expect(what.join()).not.toMatch(/Convex|Alembic|PM2/i)
})

it('takes a host whose site and own script are in the repository, beside the push', async () => {
  const deploy = { scripts: { deploy: 'netlify deploy --prod --dir out' } }
  const { project, unsure, what } = await strangers({
    'package.json': app('site', deploy),
    'netlify.toml': '[build]\n  publish = "out"\n',
    '.netlify/state.json': '{ "siteId": "4f2c1e00-aaaa-bbbb-cccc-0123456789ab" }\n',
  })
  const site = '4f2c1e00-aaaa-bbbb-cccc-0123456789ab'
  expect(project.deploy.targets).toEqual([{ use: 'git-push' }, { use: 'netlify', site, dir: 'out' }])
  expect(what).toContain('host Netlify')
  expect(unsure.join('\n')).toMatch(/package\.json scripts\.deploy releases to Netlify, so deploys do/)
})

it('takes Vercel, Convex and PM2 likewise, when nothing of them has to be guessed', async () => {
  const { project } = await strangers({
    'package.json': app('shop', { homepage: 'https://shop.example/' }),
    'package-lock.json': '{}',
    '.vercel/project.json': '{ "projectId": "prj_1", "orgId": "team_2" }',
    'convex/schema.ts': 'export default {}',
    'convex.json': '{ "prodUrl": "https://happy-sturgeon-123.convex.cloud" }',
    'ecosystem.config.cjs': "module.exports = { apps: [{ name: 'api', cwd: '/srv/shop/current' }] }",
    'scripts/deploy.sh': '#!/bin/sh\nnpx convex deploy && vercel --prod && pm2 reload api\n',
  })
  expect(project.deploy.targets).toHaveLength(4)
  expect(project.deploy.targets).toEqual(
    expect.arrayContaining([
      { use: 'git-push' },
      { use: 'vercel', domain: 'shop.example', project: 'prj_1', org: 'team_2' },
      { use: 'convex', deployment: 'happy-sturgeon-123' },
      { use: 'pm2', place: '/srv/shop', apps: ['api'] },
    ]),
  )
  expect(project.build.run).toEqual([['npm', 'ci']])
})

it.each([
  ['pnpm-lock.yaml', [['pnpm', 'install', '--frozen-lockfile']]],
  ['yarn.lock', [['yarn', 'install', '--frozen-lockfile']]],
  ['README.md', []],
])('installs the CLI of Convex as %s says, and else says what is missing', async (file, run) => {
  const { project, unsure } = await strangers({
    'package.json': app('chat', { scripts: { deploy: 'convex deploy' } }),
    'convex.json': '{ "prodUrl": "https://happy-sturgeon-123.convex.cloud" }',
    [file]: '',
  })
  expect(project.build.run).toEqual(run)
  expect(project.deploy.targets).toHaveLength(run.length + 1)
  expect(unsure.join().includes('It needs build.run')).toBe(run.length === 0)
})

it('takes a remote that is called production for what it is, and no fork of the forge', async () => {
  const repo = repository()
  repo.sh('remote', 'add', 'production', 'ssh://deploy@web.internal/srv/site.git')
  repo.sh('remote', 'add', 'live', 'git@github.com:somebody/site.git')
  await run(headless(repo.root), [], {})
  const { deploy } = await loadProject(repo.root, {})
  const words = (...flags: string[]) => ['git', 'push', ...flags, 'production', '{commit}:refs/heads/main']
  expect(deploy.targets).toEqual([{ use: 'git-push' }, { use: 'command', run: words(), back: words('--force') }])
})

it('keeps release records in the table a team has, where its database is known', async () => {
  const model = 'model ReleaseRecord {\n  id String @id\n}\n'
  const provider = 'datasource db {\n  provider = "postgresql"\n  url = env("DATABASE_URL")\n}\n'
  const { project, what } = await strangers({ 'prisma/schema.prisma': provider + model })
  expect(project.records).toEqual({ url: '$DATABASE_URL' })
  expect(what).toContain('release records in "ReleaseRecord"')
  const sql = await strangers({ 'db/1_releases.sql': 'CREATE TABLE "ReleaseRecord" (id text);\n' })
  expect(sql.project.records).toEqual({ url: 'sqlite:.knowngood/releases.db' })
  expect(sql.unsure.join('\n')).toMatch(/1_releases\.sql has the table "ReleaseRecord": records\.url takes/)
})

it('has little to say of a plain static site', async () => {
  const { project, unsure } = await strangers({ CNAME: 'plain.example\n', 'style.css': 'p {}\n' })
  expect(project.sources).toEqual({})
  expect(project.deploy.targets).toEqual([{ use: 'git-push' }])
  expect(project.verify.checks).toMatchObject([{ url: 'https://plain.example/' }])
  expect(unsure).toHaveLength(2)
})

it('takes the scripts of a workspace by its own package manager, and its docs as the app that they are', async () => {
  const { project, text } = await strangers({
    'package.json': app('acme', {
      scripts: { build: 'turbo build', lint: 'turbo lint', test: 'turbo test', deploy: 'x' },
    }),
    'pnpm-lock.yaml': '',
    'apps/web/package.json': app('web'),
    'apps/docs/package.json': app('docs'),
    'docs/package.json': app('pages'),
  })
  expect(project.gate.checks.map(({ id, run }) => [id, ...run])).toEqual([
    ['pnpm-lint', 'pnpm', 'run', 'lint'],
    ['pnpm-test', 'pnpm', 'test'],
  ])
  expect(text).toMatch(/^ *# +- \[pnpm, install, "--frozen-lockfile"\]/m)
  expect(text).toMatch(/^ +# - \{ use: command, run: \[pnpm, run, deploy\] \}/m)
  expect(project.sources['code']).toEqual({ use: 'files', parts: { web: ['apps/web'], docs: ['apps/docs'] } })
})

it.each([
  ['docker compose down -v --remove-orphans', true],
  ['psql -c "DROP SCHEMA public CASCADE"', true],
  ['npx prisma migrate reset --force', true],
  ['alembic upgrade head && pytest', true],
  ['docker compose down && docker compose run tests', false],
  ['alembic check && npx prisma migrate status', false],
])('leaves a check that could delete or change data as a comment: %s', async (line, dangerous) => {
  const { project, text, unsure } = await strangers({ 'scripts/test.sh': `#!/bin/sh\n${line}\n` })
  expect(project.gate.checks).toHaveLength(dangerous ? 0 : 1)
  expect(/^ *# +- \{ id: test, .*which may delete or change data$/m.test(text)).toBe(dangerous)
  expect(unsure.join()).toMatch(dangerous ? /scripts\/test\.sh may delete or change data/ : /^(?!.*test\.sh)/)
})

it('says that it could not name images whose names are in variables', async () => {
  const { project, text, unsure } = await strangers({
    'docker-compose.yml': 'services:\n  api: { build: ., image: "${IMAGE?unset}:${TAG-latest}" }\n',
  })
  expect(project.sources).toEqual({})
  expect(text).toMatch(/^ *#.*use: docker, images: \[name-of-the-image\]/m)
  expect(unsure).toContainEqual(
    expect.stringContaining('docker-compose.yml was found: what the image of api is called'),
  )
})

it.each([
  ['Drizzle', 'drizzle.config.ts', "export default { dialect: 'postgresql' }"],
  ['Knex', 'db/knexfile.js', "module.exports = { client: 'pg' }"],
  ['Django', 'site/manage.py', 'import django'],
  ['Rails', 'bin/rails', '#!/usr/bin/env ruby'],
])('knows migrations by %s, and runs none', async (name, file, content) => {
  const { what, project } = await strangers({ [file]: content })
  expect(what).toContain(`migrations by ${name}`)
  expect(project.deploy.migrate).toEqual([])
})

it('without a remote proposes hosts as comments, and writes no target', async () => {
  const root = temporaryFolder()
  sh(root, 'init', '--quiet', '--initial-branch=main')
  const repo = repository()
  repo.commit('Host', { 'netlify.toml': '[build]\n  publish = "out"\n' })
  repo.sh('remote', 'remove', 'origin')
  const { data } = await run(headless(repo.root), [], {})
  expect(data['text']).toMatch(/^ +# - \{ use: netlify, site: name-of-the-site, dir: out \}/m)
  expect((await loadProject(repo.root, {})).deploy.targets).toEqual([])
})

it('stays out of submodules, and says that they are not backed up', async () => {
  const repo = repository()
  const inner = repository()
  inner.commit('Inner', { 'package.json': app('inner'), 'data/inner.db': '' })
  repo.sh('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', inner.root, 'vendor-site')
  repo.sh('commit', '--quiet', '-m', 'Add a submodule')
  const { data } = await run(headless(repo.root), [], {})
  expect((await loadProject(repo.root, {})).sources).toEqual({})
  expect(data['unsure']).toContainEqual(
    expect.stringMatching(/^There are submodules: .*\[git, submodule, update, --init\] in build\.run/),
  )
  const { data: inside } = await run(headless(join(repo.root, 'vendor-site')), [], {})
  expect(inside['file']).toBe(join(repo.root, 'vendor-site/knowngood.yaml'))
})

it('takes a runtime folder only when git ignores it and a script backs it up', async () => {
  const script = '#!/bin/sh\ntar --exclude .secrets -czf "/mnt/nas/app.tar.gz" .app-state\n'
  const { project, text } = await strangers({
    '.gitignore': '.app-state/\n.secrets/\nother/\n',
    'scripts/backup-state.sh': script,
  })
  // Ignored files are there only once they are written; the first look had none.
  expect(project.sources).toEqual({})
  expect(text).not.toContain('/mnt/nas')
  const repo = repository()
  repo.commit('Grow', { '.gitignore': '.app-state/\n.secrets/\nother/\n', 'scripts/backup-state.sh': script })
  for (const folder of ['.app-state', '.secrets', 'other']) repo.write(`${folder}/file`, 'x')
  const { data } = await run(headless(repo.root), [], {})
  expect((await loadProject(repo.root, {})).sources).toEqual({ 'app-state': { use: 'files', paths: ['.app-state'] } })
  expect(data['text']).toContain('to: /mnt/nas')
})
