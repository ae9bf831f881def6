/** Variables, both ways; a test holds it to what a hook is really given. */
export const environmentGuide = `# Environment variables

What is read. Settings win over knowngood.yaml; what is secret is only named
there, as in url: $DATABASE_URL, and stands nowhere but in the environment.

- KNOWNGOOD_PROJECT, KNOWNGOOD_ENVIRONMENT, KNOWNGOOD_REMOTE, KNOWNGOOD_BRANCH:
  project, environment, git.remote and git.branch
- RELEASE_BACKUP_RETENTION_COUNT: backups.release.keep
- KNOWNGOOD_OPERATOR: who acts, as logs and locks name it; without it the name
  chosen in the dashboard, git's user.name, the login
- KNOWNGOOD_HOST: what this machine is called there
- KNOWNGOOD_CONFIG_DIR: where your own preferences are kept
- KNOWNGOOD_AGE_IDENTITY: the path of an age identity, to open archives with
- GITHUB_TOKEN or GH_TOKEN, GITHUB_API_URL: for publish
- PGHOST, PGDATABASE and their like: a postgres source that names no url
- DOCKER: the engine, such as podman
- NO_COLOR; ACCESSIBLE=1: lines for a screen reader, nothing repainted

## What your commands are given

Every command that a run starts has KNOWNGOOD_RUN, the run's name. Besides:

- build.run, deploy.migrate: KNOWNGOOD_COMMIT, KNOWNGOOD_BUILD_ID
- gate.checks: KNOWNGOOD_COMMIT
- a run of verify.checks: KNOWNGOOD_BUILD_ID
- a command target: KNOWNGOOD_DIR (the built files), KNOWNGOOD_COMMIT,
  KNOWNGOOD_BUILD_ID
- smoke of drills and rehearsals: KNOWNGOOD_SCRATCH, the folder all stands in
- processes of a pm2 target: KNOWNGOOD_RELEASE, KNOWNGOOD_COMMIT
- git hooks, when a run pushes: KNOWNGOOD_PUSH=1
- an old script behind a shim: KNOWNGOOD_LEGACY=1 runs it as it was

## What a hook is told

- KNOWNGOOD_EVENT: success, failure or stale
- KNOWNGOOD_PROJECT, KNOWNGOOD_ENVIRONMENT
- KNOWNGOOD_OP, KNOWNGOOD_TITLE: deploy, and what it was to do
- KNOWNGOOD_RUN_ID: the run; empty when nothing ran
- KNOWNGOOD_OUTCOME, KNOWNGOOD_EXIT: how it ended, and its exit code
- KNOWNGOOD_SAYS: what failed or is stale, a line each
- KNOWNGOOD_OPERATOR, KNOWNGOOD_HOST
- KNOWNGOOD_AT: when, in ISO 8601 UTC

The same comes as one JSON document on stdin. notify.webhook is sent that as a
POST; with notify.secret its header X-Knowngood-Signature-256 is sha256= and the
HMAC-SHA256 of the body, in hexadecimal.
`
