/** Break glass, on one page: read at three in the morning, from a terminal or from paper. */
export const emergencyGuide = `# Emergency: break glass

Production is broken and cannot be mended in time. This puts it back to a frozen
baseline. NAME is <project>-<environment>, as in mosaic-production.

## Now

1. In the dashboard: Ctrl-G, from any screen, also while something runs. Type
   why, enter, type NAME, enter. Ctrl-X prints the exact commands first.
2. Without it:

       knowngood emergency --dry-run
       knowngood emergency --confirm=NAME --reason "what is broken"

3. Read the end of the run: 0 is done. 4: it failed, all is as it was before.
   5: it did not finish, or a cache could not be flushed; what is left to do by
   hand is printed. 7: restored, and production does not answer as it should.
4. Tell the team, and that everything written since the baseline is kept apart.

## What it does, each step only after the one before

  disk check > baseline verify > pre-restore snapshot > restore > Redis flush
  > live verify

No gate. Whoever holds the lock is named and relieved of it. What stands there
is kept first, as pre-emergency-<time>; what cannot be read any more is moved
aside intact. Services are stopped and started around it.

## Less than all of it

    knowngood emergency --only database --confirm=NAME --reason TEXT
    knowngood emergency --only code --confirm=NAME --reason TEXT
    knowngood emergency --keep-data --confirm=NAME --reason TEXT
    knowngood emergency --baseline OTHER --confirm=NAME --reason TEXT

## Back again

    knowngood restore --undo RUN --confirm=NAME --reason TEXT

RUN is printed at its end. It died half way: knowngood resume says what is
there; knowngood resume RUN --yes finishes it.

## When something else is broken too

- knowngood.yaml: the configuration that the baseline carries is used. The
  dashboard opens, shows the lines that are wrong, and keeps Ctrl-G.
- The remote: the data comes back all the same, and so does the code where a
  host of its own takes it; else 5, and the push that is owed is printed.
- Audit log, journal, network, Redis: it goes on, and says what it could not do.
- No Knowngood: cd immaculate/<name>; sha256sum -c CHECKSUM.sha256; then the
  commands of MANIFEST.md there. Standard tools are enough.

## Before it happens

    knowngood baseline create empty-2026   while all is well; never pruned
    knowngood emergency --rehearse         into a scratch place, measured
    knowngood docs emergency --write emergency.md

Print this page and the dry run. Keep both where the machine is not.
`

/** How restores are practised, and what is written down. */
export const drillsGuide = `# Restore drills

    knowngood drill status         when each is due, and how long recovery took
    knowngood drill spot           the newest bundle, data archive and release
    knowngood drill full           the newest of every kind, baselines included

A backup that was never put back is a hope. A drill checks every byte, puts each
backup into a scratch place, counts it, runs the commands of drills.spot.smoke
or drills.full.smoke there and looks for the files named in files. Nothing live
is touched.

- Due every drills.spot.every (30d) and drills.full.every (90d). A full drill is
  a spot drill too. The dashboard, knowngood due and knowngood check say so.
- Manual steps (drills.spot.confirmations) are open until somebody looked:

      knowngood drill spot --pass config=shot.png
      knowngood drill spot --fail config

- What was done is a checklist with its outputs: drills/<date>_<kind>.md, or
  what drills.log names; a file is appended to. Every backup used is proven
  restored.

Break glass is rehearsed apart, for it has a time of its own to measure:

    knowngood emergency --rehearse
`

/** Off-site copies. */
export const mirrorsGuide = `# Mirrors: copies elsewhere

    knowngood mirror               how far behind each one is; nobody is asked
    knowngood mirror push          copy what they lack, and read it back
    knowngood mirror check         read every copy back, byte for byte

    mirrors:
      - { use: directory, to: /mnt/nas/mosaic, kinds: [site, release] }
      - { use: rclone, to: "gdrive:mosaic", kinds: [site, prod], latest: 5 }
      - { use: restic, to: $RESTIC_REPOSITORY, kinds: [release], fresh: 48h }

- directory: a mounted drive. One that is not mounted is refused; so is another
  drive in its place, for it bears no marker. Mark the right one, once:

      touch /mnt/nas/mosaic/.knowngood-mirror

- rclone: any remote. It copies and checks, it never syncs: nothing is removed
  there that Knowngood did not put there.
- restic: any repository that restic init made; encrypted, and only what is new
  is sent.

latest is how many of each kind are kept there, fresh how long a backup may wait
to be copied. A deploy pushes by itself once its locks are given back; a mirror
that fails is owed, and takes nothing away from the release. Prune keeps what a
mirror still lacks.

From cron: knowngood due --run pushes what is late, knowngood check says with
exit 3 that something is.
`
