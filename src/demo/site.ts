/** The demo's site as it stands at one commit; every file of the repository is drawn from this. */
export type Site = {
  version: string
  pages: Readonly<Record<'index' | 'sign-in' | 'chat', readonly string[]>>
  styles: readonly string[]
  chat: readonly string[]
  signIn: readonly string[]
  migrations: Readonly<Record<string, string>>
  readme: readonly string[]
  checks: readonly string[]
  /** The host its session cookie belongs to; null is "the host that served the page". */
  cookieDomain: string | null
  logs: Readonly<Record<string, string>>
}

export const emptySite: Site = {
  version: '1.0.0',
  pages: { index: [], 'sign-in': [], chat: [] },
  styles: [],
  chat: [],
  signIn: [],
  migrations: {},
  readme: ['# Mosaic', '', 'Find the work that fits: sign in, talk it through, keep what you learnt.'],
  checks: [],
  cookieDomain: null,
  logs: {},
}

const titles = { index: 'Mosaic', 'sign-in': 'Sign in to Mosaic', chat: 'Mosaic chat' } as const

function page(name: keyof typeof titles, body: readonly string[]): string {
  // Only the start page carries the BUILD_ID; the host stamps it when it publishes.
  const stamp = name === 'index' ? ['  <!-- BUILD_ID:unreleased -->'] : []
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '  <meta charset="utf-8">',
    `  <title>${titles[name]}</title>`,
    '  <link rel="stylesheet" href="styles.css">',
    '</head>',
    '<body>',
    '  <nav><a href="index.html">Mosaic</a> <a href="sign-in.html">Sign in</a> <a href="chat.html">Chat</a></nav>',
    ...body.map((line) => `  ${line}`),
    ...stamp,
    '</body>',
    '</html>',
    '',
  ].join('\n')
}

const text = (lines: readonly string[]): string => `${lines.join('\n')}\n`

/** Every file of the repository: path to content. Scripts (`scripts/*.sh`) are executable. */
export function filesOf(site: Site): Record<string, string> {
  return {
    '.gitignore': text(['.knowngood/', 'backups/', 'data/', 'evidence/', '.verification_audit.log']),
    'README.md': text(site.readme),
    'package.json': `${JSON.stringify({ name: 'mosaic', version: site.version, private: true }, null, 2)}\n`,
    'index.html': page('index', site.pages.index),
    'sign-in.html': page('sign-in', site.pages['sign-in']),
    'chat.html': page('chat', site.pages.chat),
    'styles.css': text(['body { font: 16px/1.5 system-ui; max-width: 40rem; margin: auto }', ...site.styles]),
    'scripts/sign-in.js': text(["'use strict'", ...site.signIn]),
    'scripts/chat.js': text(["'use strict'", ...site.chat]),
    'config/session.json': `${JSON.stringify({ cookie: 'mosaic_session', domain: site.cookieDomain, secure: true }, null, 2)}\n`,
    'scripts/verify.sh': verifyScript(site.checks),
    ...site.migrations,
    ...site.logs,
  }
}

function verifyScript(checks: readonly string[]): string {
  return text([
    '#!/bin/sh',
    '# Pre-push verification: run from the top of the repository.',
    'set -eu',
    'fail() { echo "FAIL  $1" >&2; exit 1; }',
    'grep -q "<!-- BUILD_ID:" index.html || fail "index.html has no BUILD_ID comment"',
    'echo "ok    index.html carries a BUILD_ID comment"',
    ...checks,
    'echo "Pre-push verification passed."',
  ])
}
