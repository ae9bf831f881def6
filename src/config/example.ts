/** A whole configuration, as the reference shows it. A test holds that it is valid and that no key is missing. */
export const EXAMPLE = {
  project: 'mosaic',
  environment: 'production',
  git: { remote: 'origin', branch: 'main', current: 'prod-current', tag: 'prod-{date}' },
  version: { file: 'package.json' },
  build: {
    id: '{sha}',
    run: [
      ['npm', 'ci'],
      ['npm', 'run', 'build'],
    ],
    stamp: [{ file: 'mosaic_ui/index.html', text: '<!-- BUILD_ID:{id} -->' }],
    artefact: ['mosaic_ui'],
  },
  sources: { database: { use: 'sqlite', path: 'data/mosaic.db', migrations: 'knex' } },
  backups: { quick: { keep: 10, fresh: '24h' }, prod: { keep: 30 } },
  gate: {
    valid: '12h',
    approvers: ['ana', 'ben'],
    require: { backup: { within: '1h', this_session: true, late: 'warn' } },
    checks: [{ id: 'verify', title: 'Pre-push verification', run: ['./scripts/verify.sh'], timeout: '10m' }],
    confirmations: [
      {
        id: 'sign-in',
        title: 'Sign-in walks through',
        look: 'Open the deploy URL and sign in as the QA user.',
        why: 'A release once shipped a broken session cookie.',
        evidence: 'visual',
        when: 'before',
      },
    ],
  },
  deploy: {
    backup: 'quick',
    migrate: [['npm', 'run', 'migrate']],
    targets: [{ use: 'git-push' }],
    on_failed_verify: 'ask',
  },
  verify: {
    timeout: '5m',
    reads: 3,
    checks: [
      { url: 'https://mosaic.example/', contains: '<!-- BUILD_ID:{id} -->', status: 200, timeout: '10s' },
      { run: ['./scripts/verify_live_deployment.sh'], timeout: '2m' },
    ],
  },
  rollback: { by: 'revert' },
  records: { url: 'sqlite:.knowngood/releases.db' },
  evidence: { dir: 'evidence' },
  logs: { dir: 'deploy_logs' },
  mirrors: [
    { use: 'rclone', to: 'gdrive:mosaic', kinds: ['site', 'prod', 'release', 'bundle'], latest: 5, fresh: '2d' },
  ],
  notify: { webhook: '$OPS_WEBHOOK', secret: '$OPS_WEBHOOK_SECRET', on: ['failure', 'stale'], timeout: '10s' },
  hooks: {
    on_success: [['./scripts/tell-chat.sh']],
    on_failure: [['./scripts/page-me.sh']],
    on_stale: [['./scripts/page-me.sh']],
    timeout: '30s',
  },
} as const
