import type { ListedBackup } from './backup.ts'
import { UserError } from './failure.ts'
import { count } from './next-actions.ts'
import { clean } from './text.ts'

/** The listed backup of that name; a name that is none was mistyped, and `next` says where the right ones stand. */
export function namedBackup(
  listed: readonly ListedBackup[],
  id: string,
  next = 'knowngood backups lists them.',
): ListedBackup {
  const backup = listed.find((one) => one.id === id)
  if (backup === undefined)
    throw new UserError(`There is no backup ${clean(id)}`, `${count(listed.length, 'backup')} listed`, [next])
  return backup
}
