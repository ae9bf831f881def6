import type { Command } from './command.ts'
import { backups } from './table/backups.ts'
import { recovery } from './table/recovery.ts'
import { releases } from './table/releases.ts'
import { start } from './table/start.ts'
import { tools } from './table/tools.ts'

/** Every verb, in the order help and documentation show them. */
export const commands: readonly Command[] = [...start, ...backups, ...releases, ...recovery, ...tools]
