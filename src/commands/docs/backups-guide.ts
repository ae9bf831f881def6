/** Every kind of backup, how it lies on disk, how many are kept. */
export const backupsGuide = `# Backups

    knowngood backup quick         the commit that is live, no data
    knowngood backup full          the commit and every database
    knowngood backup site          the whole working tree, as one zip
    knowngood backup release       databases, code, environment, migrations
    knowngood backup set --name before-upgrade
                                   databases, images and git under one name
    knowngood bundle               the tracked sources, reproducible
    knowngood backup data          a runtime folder, on a mounted drive
    knowngood backup dump          the databases, quickly
    knowngood baseline create empty-2026
                                   a frozen set, never pruned

A deploy makes one by itself first (deploy.backup), and keeps the artefact.

How they lie there:

- backups/full/full-backup-<ms>.json, and the exports it names beside it
- backups/site-backup_<time>.zip, its record beside it as .json
- backups/releases/<time>/, backups/<name>/, immaculate/<name>/: folders with
  MANIFEST.md, CHECKSUM.sha256 and backup.json
- releases/<name>-v<version>-<time>.tar.gz, .lock.json, SHA256SUMS
- <drive>/YYYY/MM-DD/<name>-<time>.tar.gz, .gpg or .age when encrypted, .sha256
- data/<source>-<time>.*, data/dump-<time>.json

Without Knowngood: go into the folder, sha256sum -c CHECKSUM.sha256, then the
commands of its MANIFEST.md.

## What is promised

- Whole or not at all: built under a temporary name, read again, renamed. What
  fails leaves older ones as they were, and prunes nothing.
- No secrets: .env files with values are left out and named, unless the archive
  is encrypted. Encryption without its key makes nothing.
- Room: a backup does not begin with less than disk.free, or less than 1.2 times
  what the last of its kind took. A drive that is not mounted is not written to.

## Looking, keeping, removing

    knowngood backups full         one kind, newest first
    knowngood show ID --files      what is in it, and every proof
    knowngood verify ID            read it again, open it
    knowngood prune -n             why each one stays or goes
    knowngood prune bundle         bundles and data archives go only when asked
    knowngood delete ID --yes

Retention counts successes by their recorded time. It never takes a baseline,
the newest verified or restored one, the live release's or its way back, one in
use, one dated in the future, or what somebody else made. RELEASE_BACKUP_
RETENTION_COUNT wins over backups.release.keep.

delete of one that retention would keep takes --reason and --confirm=NAME.
`
