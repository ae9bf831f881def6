import type { RunCommand } from './command.ts'
import { drill } from './drill-spot.ts'

/** `knowngood drill full`: the newest backup of every kind, put back into a scratch place. */
export const run: RunCommand = (context, _args, options) => drill(context, 'full', options)
