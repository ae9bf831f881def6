import type { Json } from '../../src/core/json.ts'
import type { sources } from '../../src/sources/registry.ts'
import type { targets } from '../../src/targets/registry.ts'

/** The least that each source must be told, and what must not be accepted from anybody. */
export const minimalSources: Record<keyof typeof sources, Record<string, unknown>> = {
  command: { capture: ['./dump.sh', '{out}'], restore: ['./load.sh', '{in}'] },
  convex: { deployment: 'happy-sturgeon-123' },
  docker: { images: ['mosaic-api'] },
  environment: {},
  files: { paths: ['uploads', 'data/state'] },
  git: {},
  postgres: { url: '$KNOWNGOOD_TEST_NO_SUCH_URL' },
  redis: { url: '$KNOWNGOOD_TEST_NO_SUCH_URL', prefix: 'app:' },
  sqlite: { path: 'data/app.db' },
}

/** What a swap of each source keeps, as its `back` understands it; those that are not here are never put back in place. */
export const keptBySources: Partial<Record<keyof typeof sources, Json>> = {
  command: { file: '/kept/cache.dump', sha256: 'a' },
  convex: { file: '.knowngood/undo/x/convex.zip', sha256: 'a', digests: {} },
  docker: [{ image: 'mosaic-api', from: 'mosaic-api:before-x', id: 'sha256:a' }],
  files: [{ path: 'uploads', old: 'uploads.before-x' }],
  postgres: { live: 'app', before: 'app_before_x', oid: 1 },
  redis: { file: '/kept/cache.rdb', sha256: 'a' },
  sqlite: { how: 'copied', file: '/kept/data.db', sha256: 'a' },
}

/** The least that each target must be told. */
export const minimalTargets: Record<keyof typeof targets, Record<string, unknown>> = {
  'git-push': {},
  command: {
    run: ['./deploy.sh', '{dir}', '{commit}', '--id={build_id}'],
    back: ['./back.sh', '{commit}'],
    status: ['./status.sh'],
  },
  convex: { deployment: 'happy-sturgeon-123' },
  netlify: { site: 'mosaic' },
  pm2: { place: 'production', apps: ['api'] },
  vercel: { domain: 'mosaic.vercel.app', project: 'prj_1', org: 'team_1' },
}
