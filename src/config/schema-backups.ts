import { z } from 'zod'
import type { BackupKind } from '../core/backup.ts'
import { KINDS } from '../core/kinds.ts'
import { argv, count, duration, insidePath, name, places, size, variable } from './words.ts'

const KIND_NAMES = Object.keys(KINDS) as BackupKind[]

const counted = (keep: number) => ({ keep: count(100_000).default(keep).describe('How many are kept.') })
const fresh = duration.optional().describe('How old the newest may be before it is called stale. Default: any age.')
const dir = (preset: string) => insidePath.default(preset).describe('The folder they are kept in.')
const sources = (says: string) =>
  z.array(name, { error: 'is a list of names of sources' }).optional().describe(`Which sources. Default: ${says}.`)
const prune = z
  .enum(['auto', 'ask'])
  .default('ask')
  .describe('auto: each success removes what is beyond `keep`; ask: only `prune` does.')

const encrypt = z
  .strictObject({
    gpg: variable.optional().describe('The variable that holds the passphrase (symmetric, AES-256).'),
    age: z
      .array(z.string().regex(/^(?:age1|ssh-)\S.*$/))
      .optional()
      .describe('Recipients: public keys of age.'),
  })
  .refine((given) => (given.gpg === undefined) !== (given.age === undefined), { error: 'has either `gpg` or `age`' })

const data = z.strictObject({
  ...counted(3),
  fresh,
  name: name.describe('What the archives are called by.'),
  sources: z.array(name, { error: 'is a list of names of sources' }).min(1).describe('The sources it holds.'),
  to: z
    .string({ error: 'is a folder' })
    .min(1)
    .max(400)
    .refine((path) => !/\p{Cc}/u.test(path) && !path.split('/').includes('..'), { error: 'is not a plain path' })
    .describe('The folder, on a mounted drive; below it YYYY/MM-DD/.'),
  mounted: z
    .boolean({ error: 'is true or false' })
    .default(false)
    .describe('Refuse to write when the folder is not on a mounted volume of its own.'),
  quota: size.optional().describe('How much room the archives may take there.'),
  encrypt: encrypt
    .optional()
    .describe(
      'Encrypt, with a passphrase or for recipients, { age: [age1…] }; without the key nothing is written, never plaintext.',
    ),
  prune,
})

/** The `backups:` of the file: each kind with what it may be told. */
export const backupKeys = z.strictObject({
  quick: z
    .strictObject({ ...counted(10), fresh })
    .prefault({})
    .describe('Commit pointers, no data: backups/quick/.'),
  full: z
    .strictObject({ ...counted(5), fresh, sources: sources('every database') })
    .prefault({})
    .describe('The pointer and every database: backups/full/.'),
  site: z
    .strictObject({
      ...counted(14),
      fresh,
      paths: places.default(['.']).describe('What is taken of the working tree.'),
      exclude: z
        .array(z.string().min(1), { error: 'is a list of names and paths' })
        .optional()
        .describe('What is left out besides .git, node_modules, caches, test reports and the backup folders.'),
    })
    .prefault({})
    .describe('The working tree as one zip: backups/site-backup_<timestamp>.zip.'),
  prod: z
    .strictObject(counted(30))
    .prefault({})
    .describe('The exact artefact of each deploy: backups/prod-<date>.zip.'),
  release: z
    .strictObject({
      keep: count(100_000).default(30).describe('How many are kept; RELEASE_BACKUP_RETENTION_COUNT wins.'),
      fresh,
      sources: sources('every database, code by part, and the environment'),
    })
    .prefault({})
    .describe('Databases, code, environment and migrations: backups/releases/<timestamp>/.'),
  bundle: z
    .strictObject({
      ...counted(3),
      dir: dir('releases'),
      name: name.optional().describe("The bundle's name. Default: the project's."),
      exclude: z
        .array(z.string().min(1), { error: 'is a list of names and paths' })
        .default([])
        .describe('Tracked paths that are left out.'),
      prune,
    })
    .prefault({})
    .describe('Tracked sources of a commit, reproducible: releases/<name>-v<version>-<timestamp>.tar.gz.'),
  data: data.optional().describe('A runtime folder on a mounted drive.'),
  dump: z
    .strictObject({ ...counted(7), fresh, dir: dir('data'), sources: sources('every database') })
    .prefault({})
    .describe('Quick database dumps: data/<source>-<timestamp>.'),
  set: z
    .strictObject({ ...counted(10), sources: sources('every database, docker images, and git') })
    .prefault({})
    .describe('Named sets before risky work: backups/<name>/.'),
  baseline: z
    .strictObject({ sources: sources('every database, docker images, files, git and the environment') })
    .prefault({})
    .describe('Frozen sets: immaculate/<name>/. All are kept.'),
})

export const diskKeys = z.strictObject({
  free: size.prefault('1GB').describe('How much must be free before a backup begins.'),
  folder: size.prefault('500MB').describe('When the backup folder is called large.'),
  volume: z
    .int({ error: 'is a percentage' })
    .min(1)
    .max(100)
    .default(80)
    .describe('When its volume is called full, in percent.'),
})

export const serviceKeys = z.array(
  z.strictObject({
    stop: argv.describe('Stops it.'),
    start: argv.describe('Starts it again.'),
    status: argv.optional().describe('0 when it runs.'),
  }),
  { error: 'is a list of { stop, start, status }' },
)

/** What every mirror may be told besides its own options. */
export const mirrorKeys = z.array(
  z.looseObject({
    use: name.describe('Which plug-in copies.'),
    to: z
      .string({ error: 'is the place copies go to' })
      .min(1)
      .max(400)
      .describe('Where the copies go; names the mirror.'),
    kinds: z
      .array(z.enum(KIND_NAMES), { error: 'is a list of kinds of backup' })
      .min(1)
      .default(['site', 'prod', 'release', 'bundle'])
      .describe('Which kinds are copied.'),
    latest: count(1000).default(5).describe('How many of each kind it holds; the copy of a baseline stays.'),
    fresh: duration.optional().describe('How long a backup may wait to be copied before the mirror is called stale.'),
  }),
  { error: 'is a list of mirrors' },
)
