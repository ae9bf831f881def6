/** A runbook: Markdown, read in a terminal or written to a file. Commands in it are checked against the table by a test. */
export type Guide = { topic: string; about: string; text: string }

const gettingStarted = `# Getting started

    knowngood demo      a throwaway production on this machine, to try everything on
    knowngood init      look at this repository and write knowngood.yaml
    knowngood doctor    what is still missing, each line with its fix
    knowngood           the dashboard

init reads; it runs nothing it finds. It says what it could not know: above all, the address of
production in verify.checks. Without it a release cannot be proven live, and is never tagged.

A release, by hand or in CI:

    knowngood kickoff                                       open a session
    knowngood backup quick --notes "before the header change"
    knowngood gate                                          run the checks
    knowngood gate confirm sign-in --evidence shot.png      what only a person can see
    knowngood deploy --dry-run                              the exact plan
    knowngood deploy --yes

Every command takes --json and --help; --help never does anything else.
`

const gate = `# The gate

The gate is what must hold before one commit may be released. It is bound to that commit: a new
commit needs a new gate. A passed gate closes again after gate.valid (12h by default).

    knowngood gate              run the checks, then say what is open
    knowngood gate --status     look without running anything

- A check runs its command without a shell; 0 passes. Its last lines are kept.
- A confirmation is given by a person: knowngood gate confirm ID --evidence PATH or URL. A file is
  copied to the evidence folder under its SHA-256; a URL is fetched and its status and hash are kept.
  \`visual\` wants an image, a video or a URL. \`when: after\` is asked once production is proven.
- knowngood gate fail ID --reason TEXT records that something is wrong.
- knowngood gate waive ID --reason TEXT --approved-by NAME --confirm=PROJECT-ENVIRONMENT lets one go.
  It is a deviation: it stands in the audit log and in the deploy log.

Besides the gate, a deploy is held until a backup of this session exists (gate.require.backup).
`

const deploy = `# Deploying

    knowngood deploy --dry-run      every command as it would be run; changes nothing
    knowngood deploy --yes          the same plan, executed

The order: holds, locks, a last look that nothing moved, backup, clean checkout, build and stamp,
artefact archived, migrations, targets, live verification, certification, records, lock released.

- The release is built from a clean checkout of the commit; your working tree is never touched.
- Only the git-push target moves the branch, with a lease: somebody else's push is never overwritten.
- A prod tag is made after production served the BUILD_ID several times in a row. A prod tag always
  means: verified live.
- When verification fails, the run ends with code 7: no tag, the release stays up and the log says so.
  knowngood rollback shows the way back. \`deploy.on_failed_verify: rollback\` takes it unasked.
- With confirmations asked \`after\`, the run ends verified and not certified; confirm them, then
  knowngood certify --yes.
- A run goes on when its terminal closes. knowngood attach RUN follows it.
`

const rollback = `# Rolling back

    knowngood rollback                          what we can go back to, and what each undoes
    knowngood rollback TARGET --dry-run         the plan
    knowngood rollback TARGET --confirm=PROJECT-ENVIRONMENT --reason TEXT

TARGET is a prod tag or a quick backup. A rollback makes its own backup first, so it can itself be
rolled back. It deploys the old state by the same targets, proves its BUILD_ID live and moves
prod-current back. Data stays as it is. Your working tree is never touched.

- \`revert\` (the default) pushes a new commit that holds the old tree: nothing is rewritten.
- \`reset\` (--by reset) pushes the old commit with a lease; what was there is kept under
  refs/knowngood/undo/. Refused when the branch holds commits outside the releases undone.
- When the database's schema revision differs, it is held; --accept-schema goes on, with the reason
  kept.
`

const recovery = `# Recovery: interrupted runs

Every step is written to a journal before and after it is done, so a run that was killed, or whose
machine went down, is found at the next start. Nothing new starts before it is settled.

    knowngood resume                what stopped, what the journal says and what is really there
    knowngood resume RUN --yes      finish it: finished steps are recognised, not repeated
    knowngood resume RUN --undo --yes    put everything back, last step first
    knowngood abandon RUN --yes     leave everything as it is; nothing is changed or cleaned up

- Finished backups are never undone. After certification there is only forward.
- Where something else than expected is found (somebody pushed meanwhile), nothing is guessed: it is
  held and says why.
- A run ended with code 5 could not put everything back; it prints the commands that do, by hand.
- knowngood lock says who holds the locks. knowngood lock release takes over one whose holder is gone;
  a reason and the typed name are asked, and both stand in the audit log.
- A live run on this machine: knowngood attach RUN.
`

const files = `# Files

Knowngood keeps plain files that can be read without it.

| path | what | in git |
|---|---|---|
| knowngood.yaml | the configuration | commit it |
| backups/quick/quick-backup-<ms>.json | quick backups: the commit that was live | ignored |
| backups/prod-<date>.zip | the exact artefact of each deploy | ignored |
| backups/proofs.jsonl | what has been proven about each backup, and when | ignored |
| deploy_logs/<date>_<name>.md | one log a deploy or rollback, failed ones too | the team's choice |
| deploy_logs/index.json | all logs, also those written by hand | the team's choice |
| evidence/<sha>/ | evidence of the gate, by its SHA-256 | the team's choice |
| .verification_audit.log | every act of consequence, one JSON line each, chained by hash | the team's choice |
| .knowngood/runs/<run>/ | journal, events and output of a run | ignored |
| .knowngood/releases.db | the release records (SQLite) | ignored |
| .knowngood/cache/ | may be deleted at any time | ignored |

On the remote, besides branches and tags: refs/knowngood/lock (the shared lock),
refs/knowngood/backups/ (commits that backups point at), refs/knowngood/undo/ (what a reset replaced).
`

/** The runbooks written by hand, in reading order. */
export const guides: readonly Guide[] = [
  { topic: 'getting-started', about: 'from nothing to the first release', text: gettingStarted },
  { topic: 'gate', about: 'checks, confirmations, evidence and waivers', text: gate },
  { topic: 'deploy', about: 'what a deploy does, in its order', text: deploy },
  { topic: 'rollback', about: 'going back, and back again', text: rollback },
  { topic: 'recovery', about: 'runs that stopped half way', text: recovery },
  { topic: 'files', about: 'what is kept where', text: files },
]
