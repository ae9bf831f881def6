import { makeBackup } from './backup.ts'
import type { RunCommand } from './command.ts'

/** `knowngood baseline create NAME`: a frozen set that is never modified and never pruned. */
export const run: RunCommand = (context, [name = ''], options) => makeBackup(context, 'baseline', { name }, options)
