/** How data is proven, put back in place or beside, and swapped back. */
export const restoreGuide = `# Verify and restore

A backup is trusted by what was proven about it, each rung with its date:

- hashed: every byte was read again (quick: the commit is whole, here and on
  the remote)
- readable: every part was opened by its own engine
- restored: it was put into a scratch place, and counted as when it was made

    knowngood verify ID                    up to readable
    knowngood verify ID --rung restored    the whole ladder; nothing live is touched
    knowngood verify --all

What does not hold is named: missing, added, cut short, flipped. It ends with 4,
and the backup is not offered any more until a later look passes.

## Putting data back

    knowngood restore                      what there is, and what each one loses
    knowngood restore ID --dry-run         every command, in order
    knowngood restore ID --confirm=NAME --reason TEXT
    knowngood restore ID --only SOURCE --confirm=NAME --reason TEXT

The order: locks, every byte read and every part opened, room, services stopped,
what stands there captured as pre-restore-<time>, everything beside and counted,
swapped, services started, production proven.

- Until the last swap, a failure puts everything back. Services are started
  again in every case.
- Killed half way: knowngood resume RUN says what is there; --yes finishes it,
  --undo --yes puts it back. Each source is the old or the new one, never half.
- What was swapped out is kept, and swapped back by

      knowngood restore --undo RUN --confirm=NAME --reason TEXT

  until nobody wants it back: knowngood status names it, and this removes it

      knowngood restore --forget RUN --confirm=NAME --reason TEXT

- A schema revision that differs holds, and both are named. --accept-schema goes
  on, with the reason.
- Code returns by a rollback; together with the data of the same backup by

      knowngood rollback ID --with-data --confirm=NAME --reason TEXT

- --flush-redis empties the caches that are declared ours, and nothing else.

## Beside

    knowngood restore ID --to DIR
    knowngood restore ID --only SOURCE --to '$NAME'
    knowngood restore ID --file PATH --to DIR

$NAME is a variable that holds a database's URL; the URL itself would be seen in
the list of processes. An encrypted archive needs the variable named by
backups.data.encrypt.gpg, or KNOWNGOOD_AGE_IDENTITY with the path of an age
identity.
`
