import { backupsGuide } from './backups-guide.ts'
import { drillsGuide, emergencyGuide, mirrorsGuide } from './emergency-guide.ts'
import { environmentGuide } from './environment-guide.ts'
import { restoreGuide } from './restore-guide.ts'

/** A runbook: Markdown, read in a terminal or written to a file. Commands in it are checked against the table by a test. */
export type Guide = { topic: string; about: string; text: string }

const gettingStarted = `# Getting started

    knowngood demo      a throwaway production, to try everything on
    knowngood init      look at this repository and write knowngood.yaml
    knowngood doctor    what is missing or wrong, each line with its fix
    knowngood           the dashboard

init reads; it runs nothing it finds. It says what it could not know: above all,
the address of production, for verify.checks. Without it a release cannot be
proven live, and is never tagged.

A release, by hand or in CI:

    knowngood kickoff              open a session
    knowngood backup quick --notes "before the header change"
    knowngood gate                 run the checks
    knowngood gate confirm sign-in --evidence shot.png
    knowngood deploy --dry-run     the exact plan
    knowngood deploy --yes

Every command takes --json and --help; --help never does anything else.
`

const gate = `# The gate

The gate is what must hold before one commit may be released. It is bound to
that commit: a new commit needs a new gate. A passed gate closes again after
gate.valid (12h by default).

    knowngood gate              run the checks, then say what is open
    knowngood gate --status     look without running anything

- A check runs its command without a shell; 0 passes. Its last lines are kept.
- A confirmation is given by a person:

      knowngood gate confirm ID --evidence PATH-OR-URL

  A file is copied to the evidence folder with its SHA-256; a URL is fetched,
  and its status and hash are kept. \`visual\` wants an image, a video or a URL.
  With \`when: after\` it is asked once production is proven, before the tag.
- Something is wrong:

      knowngood gate fail ID --reason TEXT

- One is let go, with its approver, a reason and the typed name:

      knowngood gate waive ID --reason TEXT --approved-by WHO --confirm=NAME

  NAME is <project>-<environment>. It is a deviation: it stands in the audit log
  and in the deploy log.

Besides the gate, a deploy is held until a backup of this session exists
(gate.require.backup).
`

const deploy = `# Deploying

    knowngood deploy --dry-run     every command as it would be run
    knowngood deploy --yes         the same plan, executed

The order: holds, locks, a last look that nothing moved, backup, clean checkout,
build and stamp, exact artefact kept, migrations, targets, live verification,
certification, records, lock released.

- The release is built from a clean checkout of the commit; your working tree is
  never touched.
- Only the git-push target moves the branch, with a lease: somebody else's push
  is never overwritten.
- A prod tag is made after production served the BUILD_ID several times in a
  row. A prod tag always means: verified live.
- When verification fails, the run ends with exit code 7: no tag, the release
  stays up and the log says so. knowngood rollback lists the ways back.
  \`deploy.on_failed_verify: rollback\` takes the way back unasked.
- With confirmations asked \`after\`, the run ends verified and not certified;
  confirm them, then knowngood certify --yes.
- A run that the dashboard started goes on when its terminal closes.
  knowngood attach RUN follows it.
`

const rollback = `# Rolling back

    knowngood rollback                    what we can go back to
    knowngood rollback TARGET --dry-run   the plan
    knowngood rollback TARGET --confirm=PROJECT-ENVIRONMENT --reason TEXT

TARGET is a prod tag, or a backup that remembers its commit: quick, full,
release, set, baseline. A rollback makes its own backup first, so it can itself
be rolled back. It deploys the old state by the same targets, proves its
BUILD_ID live and moves prod-current back. Your working tree is never touched.

- Data stays as it is; --with-data puts back what the backup holds of it, too.
- \`revert\` (the default) pushes a new commit that holds the old tree: nothing
  is rewritten.
- \`reset\` (--by reset) pushes the old commit with a lease; what was there is
  kept under refs/knowngood/undo/. It is refused when the branch holds commits
  outside the releases undone.
- When the database's schema revision differs, the rollback is held;
  --accept-schema goes on, and the reason is kept.
`

const recovery = `# Recovery: interrupted runs

Every step is written to a journal before it begins and after it ends, so a run
that was killed, or whose machine went down, is found at the next start. Nothing
new starts before it is settled.

    knowngood resume                 the runs that stopped half way
    knowngood resume RUN --dry-run   what the journal says, and what is there
    knowngood resume RUN --yes       finish it; what is done is not repeated
    knowngood resume RUN --undo --yes    put everything back, last step first
    knowngood abandon RUN --yes      leave everything as it is

- Finished backups are never undone. After certification there is only forward.
- Where something else than expected is found (somebody pushed meanwhile),
  nothing is guessed: the run is held, and the reason is said.
- A run that ended with exit code 5 could not put everything back; it prints the
  commands that do it by hand.
- knowngood lock says who holds the locks. knowngood lock release takes away the
  shared lock of a holder who is gone; a reason and the typed name are asked,
  and both stand in the audit log.
- A run that still goes on, on this machine: knowngood attach RUN.
`

const files = `# Files

Knowngood keeps plain files that can be read without it.

Ignored by git (init sees to it):

- backups/quick/quick-backup-<ms>.json: quick backups, the commit that was live;
  the other kinds: knowngood docs release-backups
- backups/prod-<date>.zip: the exact artefact of each deploy
- backups/proofs.jsonl: what has been proven about each backup, and when;
  backups/confirmed.jsonl: doubts that somebody looked at
- backups/drills.jsonl, backups/rehearsals.jsonl: what was practised, and
  how long it took
- .knowngood/runs/<run>/: journal, events and output of a run
- .knowngood/gate/: the gate's verdicts and the output of its checks, by commit
- .knowngood/releases.db: the release records (SQLite)
- .knowngood/undo/<run>/: what a restore took out, until restore --forget RUN
- .knowngood/cache/: may be deleted at any time

For the team to commit or not:

- knowngood.yaml: the configuration; commit it
- deploy_logs/<date>_<name>.md: a log of each deploy and rollback, failed too
- deploy_logs/index.json: all logs, also those written by hand
- evidence/<commit>/: evidence of the gate, each file with its SHA-256
- drills/<date>_<kind>.md: the checklist of each restore drill
- .verification_audit.log: every act of consequence, one JSON line each,
  chained by hash

On the remote, besides branches and tags:

- refs/knowngood/lock: the shared lock
- refs/knowngood/backups/: commits that backups point at
- refs/knowngood/undo/: what a reset replaced
`

/** The runbooks written by hand, in reading order. */
export const guides: readonly Guide[] = [
  { topic: 'getting-started', about: 'from nothing to the first release', text: gettingStarted },
  { topic: 'release-backups', about: 'every kind of backup, its files and how long they are kept', text: backupsGuide },
  { topic: 'restore', about: 'proving a backup, putting its data back, and back again', text: restoreGuide },
  { topic: 'emergency', about: 'break glass: one page, for the screen and for paper', text: emergencyGuide },
  { topic: 'drills', about: 'practising restores, and what is written down', text: drillsGuide },
  { topic: 'mirrors', about: 'copies elsewhere', text: mirrorsGuide },
  { topic: 'gate', about: 'checks, confirmations, evidence and waivers', text: gate },
  { topic: 'deploy', about: 'what a deploy does, in its order', text: deploy },
  { topic: 'rollback', about: 'going back, and back again', text: rollback },
  { topic: 'recovery', about: 'runs that stopped half way', text: recovery },
  { topic: 'files', about: 'what is kept where', text: files },
  { topic: 'environment', about: 'variables: what is read, what your commands are given', text: environmentGuide },
]
