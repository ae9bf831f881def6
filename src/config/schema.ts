import { z } from 'zod'
import { ASKED_KINDS } from '../core/kinds.ts'
import { OWN_SOURCE } from './own-source-path.ts'
import { backupKeys, diskKeys, mirrorKeys, serviceKeys } from './schema-backups.ts'
import { drillKeys } from './schema-drills.ts'
import { githubKeys } from './schema-github.ts'
import { gateKeys } from './schema-gate.ts'
import { hookKeys, notifyKeys } from './schema-notices.ts'
import { argv, count, duration, insidePath, name, refName, sentence } from './words.ts'

const commands = z.array(argv, { error: 'is a list of commands, each a list of words' })

/** A plug-in's entry: `use` names it, its own options are checked by the plug-in. */
const plugIn = z.looseObject(
  { use: name.describe('Which plug-in does this.') },
  { error: 'is a set of options that starts with `use`' },
)

/** As any plug-in's entry; a source may also be a file of the project's own. */
const source = z.looseObject(
  {
    use: z
      .string({ error: 'is a name; put it in quotes' })
      .regex(new RegExp(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$|${OWN_SOURCE}`), {
        error: 'is the name of a source, or a file of yours such as ./tools/my-source.ts, inside the repository',
      })
      .describe('Which plug-in does this.'),
  },
  { error: 'is a set of options that starts with `use`' },
)

const gitKeys = z.strictObject({
  remote: refName
    .optional()
    .describe(
      "The remote that deploys go to. Its name, never its URL. Default: the repository's own, `origin` when there are several.",
    ),
  branch: refName
    .optional()
    .describe("The branch that is released. Default: the remote's default branch, else the one checked out."),
  current: refName.default('prod-current').describe('The branch that follows the live release.'),
  tag: refName
    .refine((tag) => tag.split('{date}').length === 2 && !/[{}]/.test(tag.replace('{date}', '')), {
      error: 'holds {date} exactly once and no other braces, such as prod-{date}',
    })
    .default('prod-{date}')
    .describe('What certified releases are tagged. {date} is the day, UTC; a second one on a day gets -2.'),
})

const buildKeys = z.strictObject({
  id: sentence
    .refine(
      (id) =>
        /\{(?:sha|short)\}/.test(id) && !/[{}]/.test(id.replaceAll(/\{(?:sha|short)\}/g, '')) && !/\s|-->/.test(id),
      {
        error: 'holds {sha} or {short} and no spaces, so that a BUILD_ID always says which commit is live',
      },
    )
    .default('{sha}')
    .describe('The BUILD_ID of a release: {sha} is the whole commit, {short} its first seven.'),
  run: commands
    .default([])
    .describe('Commands that build it, in order, in a clean checkout of the commit; each a list of words.'),
  stamp: z
    .array(
      z.strictObject({
        file: insidePath.describe('The file in the clean checkout.'),
        text: sentence
          .refine((text) => text.includes('{id}'), { error: 'holds {id}, where the BUILD_ID is put' })
          .describe('What stands there, with {id} where the BUILD_ID is put.'),
      }),
      { error: 'is a list of { file, text }' },
    )
    .default([])
    .describe('Where the BUILD_ID is written in the clean checkout.'),
  artefact: z
    .array(insidePath, { error: 'is a list of paths' })
    .default([])
    .describe(
      'What is archived as the exact artefact of a deploy, after the build. Default: the whole clean checkout but for /node_modules.',
    ),
})

const verifyCheck = z
  .strictObject({
    url: z
      .string({ error: 'is a URL in quotes' })
      .refine((url) => /^https?:\/\/[^\s]+$/.test(url) && URL.canParse(url), {
        error: 'is a whole URL, such as "https://example.com/"',
        abort: true,
      })
      .refine((url) => new URL(url).username === '' && new URL(url).password === '', {
        error: 'holds a user name or password, which would end up in logs; check it with a `run` command instead',
      })
      .optional()
      .describe('A page to read, cache-busted, several times in a row.'),
    contains: sentence.optional().describe('Text the page must hold; {id} is the BUILD_ID.'),
    status: z
      .int({ error: 'is an HTTP status, such as 200' })
      .min(100, { error: 'is an HTTP status, such as 200' })
      .max(599, { error: 'is an HTTP status, such as 200' })
      .optional()
      .describe('The HTTP status it must answer with. Default: 200.'),
    run: argv.optional().describe('Or a command, given KNOWNGOOD_BUILD_ID; 0 passes.'),
    timeout: duration.optional().describe('Default: 10s for a page, 2m for a command.'),
  })
  .superRefine((entry, context) => {
    const say = (message: string) => context.addIssue({ code: 'custom', message })
    if ((entry.url === undefined) === (entry.run === undefined)) say('has either `url` or `run`')
    if (entry.run !== undefined && (entry.contains ?? entry.status) !== undefined)
      say('has `contains` or `status`, which belong to a `url`')
  })

const verifyKeys = z.strictObject({
  timeout: duration.prefault('5m').describe('How long production may take to serve the release.'),
  reads: count(50, 'nothing would be proven').default(3).describe('How many true reads in a row prove a page.'),
  checks: z
    .array(verifyCheck, { error: 'is a list of { url, … } or { run, … }' })
    .default([])
    .describe('What must be true of production.'),
})

const folder = (preset: string, says: string) =>
  z.strictObject({ dir: insidePath.default(preset).describe(says) }).prefault({})

/** `knowngood.yaml`, every default filled in. What is said here is the reference, the JSON Schema and the comments of `init`. */
export const configSchema = z.strictObject(
  {
    project: name
      .optional()
      .describe("The project's name; typed to confirm, with the environment. Default: the repository's name."),
    environment: name.optional().describe('Which environment this clone releases to. Default: production.'),
    git: gitKeys.prefault({}).describe('The remote, the branches and the tags of releases.'),
    version: z
      .strictObject({
        file: insidePath
          .nullable()
          .optional()
          .describe('A package.json, or a file whose first line is the version; read from the commit.'),
      })
      .prefault({})
      .describe('Where the version is read from.'),
    build: buildKeys
      .prefault({})
      .describe('How a release is built, from a clean checkout of the commit, never from your working tree.'),
    sources: z
      .record(name, source, { error: 'is a set of named sources' })
      .default({})
      .describe('What is looked at besides git: databases and their schema revision.'),
    backups: backupKeys.prefault({}).describe('The kinds of backup and how many are kept.'),
    disk: diskKeys.prefault({}).describe('How much room backups need and may take.'),
    services: serviceKeys.default([]).describe('What is stopped and started around every in-place restore.'),
    gate: gateKeys.prefault({}).describe('What must hold before a commit may be released.'),
    deploy: z
      .strictObject({
        backup: z.enum(ASKED_KINDS).default('quick').describe('The backup every deploy makes first.'),
        migrate: commands
          .default([])
          .describe('Commands that migrate the database, after the backup and before the targets.'),
        targets: z
          .array(plugIn, { error: 'is a list of targets' })
          .optional()
          .describe('Where a release goes, in order. Default: git-push when there is a remote.'),
        on_failed_verify: z
          .enum(['ask', 'rollback'])
          .default('ask')
          .describe('rollback: put the previous release back unasked when production answers wrongly.'),
      })
      .prefault({})
      .describe('The steps of a deploy.'),
    verify: verifyKeys.prefault({}).describe('How production is proven to serve the release; only then is it tagged.'),
    rollback: z
      .strictObject({
        by: z
          .enum(['revert', 'reset'])
          .default('revert')
          .describe('revert: a new commit with the old tree; reset: push the old commit with a lease.'),
      })
      .prefault({})
      .describe('How code goes back.'),
    records: z
      .strictObject({
        url: z
          .string({ error: 'is sqlite: and a path, or $ and the name of a variable' })
          .regex(/^(?:sqlite:[^:]+|\$[A-Za-z_][A-Za-z0-9_]*)$/, {
            error:
              'is sqlite: and a path inside the repository, such as sqlite:.knowngood/releases.db; or the name of a variable that holds a postgres:// URL, such as $DATABASE_URL, never the value',
            abort: true,
          })
          .refine((url) => url.startsWith('$') || insidePath.safeParse(url.slice('sqlite:'.length)).success, {
            error: 'names a database outside the repository',
          })
          .default('sqlite:.knowngood/releases.db')
          .describe(
            'Where release records are kept: a file of this clone (sqlite: and its path), or $ and the variable with the postgres:// URL of a database that all operators share.',
          ),
      })
      .prefault({})
      .describe('The release records.'),
    evidence: folder('evidence', 'The folder evidence is copied to, by its hash.').describe(
      'Where evidence of the gate is kept.',
    ),
    logs: folder('deploy_logs', 'The folder of the Markdown deploy logs.').describe('Where deploy logs are written.'),
    mirrors: mirrorKeys.default([]).describe('Where copies of backups are kept off this machine.'),
    drills: drillKeys.prefault({}).describe('Restore drills.'),
    emergency: z
      .strictObject({
        baseline: name.default('latest').describe('Which baseline break glass takes: a name, or latest.'),
        redis: z.enum(['flush', 'keep']).default('flush').describe('What becomes of Redis after the restore.'),
        smoke: commands.default([]).describe('Commands a rehearsal runs in its scratch place; each must end with 0.'),
      })
      .prefault({})
      .describe('The emergency restore.'),
    github: githubKeys.prefault({}).describe('Where `publish` makes the GitHub Release.'),
    notify: notifyKeys.optional().describe('A webhook that hears of failures.'),
    hooks: hookKeys.prefault({}).describe("Commands of the team's own, called after runs."),
  },
  { error: 'is a set of keys, such as `project: mosaic`' },
)

/** The file's content once it has been checked. */
export type Config = z.output<typeof configSchema>
