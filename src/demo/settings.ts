/** The demo's `knowngood.yaml`. The site's address changes with every demo, so the file is kept out of git. */
export function settings(url: string): string {
  return `# The demo's configuration. \`knowngood docs\` explains every field.
project: mosaic
environment: production

git: { remote: origin, branch: main, current: prod-current, tag: "prod-{date}" }
version: { file: package.json }

build:
  id: "{sha}"
  stamp:
    - { file: index.html, text: "<!-- BUILD_ID:{id} -->" }

sources:
  database: { use: sqlite, path: data/mosaic.db, migrations: knex }

gate:
  valid: 12h
  approvers: [ana, ben]
  checks:
    - { id: verify, title: Pre-push verification, run: ["./scripts/verify.sh"], timeout: 1m }
  confirmations:
    - id: sign-in
      title: Sign-in walks through
      look: Open ${url}/preview/sign-in.html and sign in as the QA user.
      why: The second release shipped a session cookie that named the old host.
      evidence: visual
    - id: chat
      title: Chat answers
      look: Open ${url}/preview/chat.html and ask "hello".
      why: The chat is what people come for, and no automated check asks it anything.
      evidence: required

deploy:
  backup: quick
  targets:
    - { use: git-push }

verify:
  timeout: 10s
  reads: 3
  checks:
    - { url: "${url}/", contains: "<!-- BUILD_ID:{id} -->" }
    - { url: "${url}/health", status: 200 }

rollback: { by: revert }
`
}
