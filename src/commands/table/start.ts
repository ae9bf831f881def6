import { EXIT } from '../../core/failure.ts'
import type { Command } from '../command.ts'
import { acting } from './flags.ts'

/** Where one begins, and what there is to see. */
export const start: readonly Command[] = [
  {
    name: 'dashboard',
    summary: 'open the control deck; what bare `knowngood` does in a terminal',
    flags: [],
    exits: [],
    examples: ['knowngood'],
    reads: true,
    load: () => import('../dashboard.ts'),
  },
  {
    name: 'demo',
    summary: 'a throwaway production on this machine: the dashboard on it, or a tour without a terminal',
    about:
      'Makes a git remote with a host behind it, a small site with history, and an HTTP server on loopback in a temporary folder, and removes it all at the end. Needs no network, no account.',
    flags: [{ flags: '--tour', says: 'the headless tour, also in a terminal' }],
    exits: [EXIT.notPutBack],
    examples: ['knowngood demo', 'knowngood demo --tour'],
    reads: true,
    load: () => import('../demo.ts'),
  },
  {
    name: 'init',
    summary: 'look at this repository and write knowngood.yaml',
    about:
      'Writes an annotated configuration from what it finds, and git-ignores what must not be committed. It executes nothing it finds.',
    flags: [
      { flags: '--yes', says: 'write without asking' },
      { flags: '--ci', says: 'write only the workflow that a version tag starts: .github/workflows/release.yml' },
      {
        flags: '--schedule <by>',
        says: 'write only what calls due --run every day, and check after it; nothing is installed',
        choices: ['cron', 'systemd', 'github'],
      },
      { flags: '--hooks', says: 'write only a pre-push hook that runs check' },
    ],
    exits: [EXIT.held],
    examples: [
      'knowngood init',
      'knowngood init --dry-run',
      'knowngood init --ci',
      'knowngood init --schedule systemd',
    ],
    reads: false,
    load: () => import('../init.ts'),
  },
  {
    name: 'status',
    summary: 'what is live, what is next, whether we can get back and may ship',
    flags: [{ flags: '--offline', says: 'ask neither the remote nor the live site' }],
    exits: [],
    examples: ['knowngood status', 'knowngood status --json'],
    reads: true,
    load: () => import('../status.ts'),
  },
  {
    name: 'kickoff',
    summary: 'open a session: newest deploy log, active prod tag, a current backup, the kickoff message',
    flags: [{ flags: '--copy', says: 'copy the message to the clipboard' }],
    exits: acting,
    examples: ['knowngood kickoff', 'knowngood kickoff --copy'],
    reads: false,
    load: () => import('../kickoff.ts'),
  },
  {
    name: 'doctor',
    summary: 'every tool, permission and setting this project needs, each with its fix',
    flags: [],
    exits: [EXIT.held],
    examples: ['knowngood doctor'],
    reads: true,
    load: () => import('../doctor.ts'),
  },
]
