import { EXIT } from '../../core/failure.ts'
import { ASKED_KINDS, KINDS } from '../../core/kinds.ts'
import type { Command } from '../command.ts'
import { yes, confirm, reason, notes, acting } from './flags.ts'

/** What is kept, proven and put back. */
export const backups: readonly Command[] = [
  {
    name: 'backup',
    args: '<kind>',
    argChoices: ASKED_KINDS,
    summary: 'make a backup: quick keeps the live commit, full every database too, site the whole working tree, …',
    about: Object.values(KINDS)
      .filter(({ asked }) => asked)
      .map(({ kind, saves }) => `${kind}: ${saves}.`)
      .join(' '),
    flags: [
      notes,
      { flags: '--name <name>', says: "a set's name" },
      { flags: '--type <type>', says: 'what a release backup is for', choices: ['release', 'patch'] },
      { flags: '--include-redis', says: 'capture Redis too' },
      { flags: '--no-reuse', says: 'compress every file again, also those that have not changed' },
    ],
    exits: acting,
    examples: [
      'knowngood backup quick --notes "before the header change"',
      'knowngood backup set --name before-upgrade',
    ],
    reads: false,
    load: () => import('../backup.ts'),
  },
  {
    name: 'backups',
    args: '[kind]',
    argChoices: Object.keys(KINDS),
    summary: 'every backup, newest first, also those made before Knowngood',
    flags: [],
    exits: [EXIT.held],
    examples: ['knowngood backups', 'knowngood backups full', 'knowngood backups --json'],
    reads: true,
    load: () => import('../backups.ts'),
  },
  {
    name: 'show',
    args: '<id>',
    summary: 'one backup: its record, parts, manifest and proofs',
    flags: [{ flags: '--files', says: 'what is in its archives, file by file' }],
    exits: [],
    examples: ['knowngood show quick-1701450000000', 'knowngood show before-upgrade --files'],
    reads: true,
    load: () => import('../show.ts'),
  },
  {
    name: 'verify',
    args: '[id]',
    summary: 'prove a backup: read every byte, open every part, put it into a scratch place and count',
    about:
      'Each rung leaves a dated line in backups/proofs.jsonl, whichever way it went. What does not hold is named and ends with 4: nothing was changed, and until a later look passes the backup counts as damaged. A backup that holds but cannot get as far as asked ends with 3.',
    flags: [
      { flags: '--all', says: 'every backup there is' },
      {
        flags: '--rung <rung>',
        says: 'how far up: hashed, readable or restored',
        choices: ['hashed', 'readable', 'restored'],
        preset: 'readable',
      },
    ],
    exits: [EXIT.held, EXIT.putBack],
    examples: ['knowngood verify full-1701450000000', 'knowngood verify --all --rung restored'],
    reads: true,
    load: () => import('../verify.ts'),
  },
  {
    name: 'confirm',
    args: '<id>',
    summary: 'say that a backup in doubt is right as it is',
    about:
      'A dump half the size of the last one, or a table gone empty, is a warning that stays until somebody has looked and confirmed it, or a newer backup of the kind is without doubt.',
    flags: [reason],
    exits: [EXIT.held],
    examples: ['knowngood confirm full-1701450000000 --reason "old sessions were cleared on Monday"'],
    reads: false,
    load: () => import('../confirm.ts'),
  },
  {
    name: 'restore',
    args: '[id]',
    summary: 'bare: what can be put back; with a backup: its data put back in place, or beside',
    about:
      'Puts back data and runtime files; code returns by rollback. In place it reads the backup first, captures what it replaces, puts everything beside and counts it, and only then swaps; what stood there is kept, and --undo swaps it back.',
    flags: [
      { flags: '--only <source>', says: 'only this source; may be repeated', repeat: true },
      { flags: '--to <place>', says: "beside, into a folder, or into the database whose URL is in '$NAME'" },
      { flags: '--file <path>', says: 'one file or folder out of the backup; needs --to' },
      { flags: '--flush-redis', says: 'empty the configured caches too, by their prefix or own database' },
      { flags: '--accept-schema', says: 'go on although the schema revisions differ' },
      { flags: '--undo <run>', says: 'swap back what that restore replaced' },
      { flags: '--forget <run>', says: 'remove what that restore kept; it cannot be swapped back after it' },
      reason,
      confirm,
    ],
    exits: [...acting, EXIT.liveWrong],
    examples: [
      'knowngood restore',
      'knowngood restore full-1701450000000 --confirm=mosaic-production --reason "orders lost"',
      'knowngood restore site-20251121_030000Z --file config/app.toml --to out',
      'knowngood restore --undo restore-20251121_120711Z-a1b2 --confirm=mosaic-production --reason "wrong day"',
    ],
    reads: false,
    load: () => import('../restore.ts'),
  },
  {
    name: 'delete',
    args: '<id>',
    summary: 'remove one backup with everything that belongs to it',
    about:
      'One that retention would keep takes --reason and the typed name. A baseline is never removed, and neither is one that a run is using.',
    flags: [yes, confirm, reason],
    exits: acting,
    examples: ['knowngood delete full-1701450000000 --yes'],
    reads: false,
    load: () => import('../delete.ts'),
  },
  {
    name: 'prune',
    args: '[kind]',
    argChoices: Object.keys(KINDS),
    summary: 'apply retention now, of one kind or of all; -n says why each one stays or goes',
    flags: [],
    exits: acting,
    examples: ['knowngood prune -n', 'knowngood prune bundle'],
    reads: false,
    load: () => import('../prune.ts'),
  },
  {
    name: 'bundle',
    summary: 'pack the tracked sources of what is checked out, byte for byte reproducible',
    about:
      'Writes the tarball, its .lock.json and SHA256SUMS, and prints the SHA-256. The same commit gives the same bytes anywhere.',
    flags: [
      notes,
      { flags: '--keep <count>', says: 'how many bundles are kept when pruning' },
      { flags: '--prune', says: 'remove the bundles beyond that' },
      {
        flags: '--docker-image <image>',
        says: 'let this image have the tag v<version>-<timestamp> too; the lock file names it',
      },
    ],
    exits: acting,
    examples: [
      'knowngood bundle',
      'knowngood bundle --keep 5 --prune',
      'knowngood bundle --docker-image mosaic-api:latest',
    ],
    reads: false,
    load: () => import('../bundle.ts'),
  },
  {
    name: 'baseline',
    summary: 'frozen sets: the state to return to when nothing else can be trusted',
    flags: [],
    exits: [EXIT.held],
    examples: ['knowngood baseline'],
    reads: true,
    load: () => import('../baseline.ts'),
    sub: [
      {
        name: 'create',
        args: '<name>',
        summary: 'make a baseline: never modified, never pruned, only a new one beside it',
        about: 'Put back into a scratch place and counted at once; until that went well it is not called immaculate.',
        flags: [
          notes,
          { flags: '--include-redis', says: 'capture Redis too' },
          { flags: '--images <pattern>', says: "save existing images of a tag, such as '*:immaculate-empty'" },
          { flags: '--immutable', says: 'chattr +i, where the file system can' },
        ],
        exits: acting,
        examples: ['knowngood baseline create empty-2026'],
        reads: false,
        load: () => import('../baseline-create.ts'),
      },
      {
        name: 'list',
        summary: 'every baseline, with what has been proven about it',
        flags: [],
        exits: [EXIT.held],
        examples: ['knowngood baseline list'],
        reads: true,
        load: () => import('../baseline.ts'),
      },
      {
        name: 'verify',
        args: '[name]',
        summary: 'read every byte of the baselines again',
        flags: [],
        exits: [EXIT.held, EXIT.putBack],
        examples: ['knowngood baseline verify'],
        reads: true,
        load: () => import('../baseline-verify.ts'),
      },
    ],
  },
]
