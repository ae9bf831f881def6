import { EXIT } from '../../core/failure.ts'
import type { Flag } from '../command.ts'

export const yes: Flag = { flags: '--yes', says: 'go on without asking: the plan is accepted as it is' }
export const confirm: Flag = { flags: '--confirm <name>', says: 'the typed <project>-<environment>' }
export const reason: Flag = { flags: '--reason <text>', says: 'why; kept in the audit log' }
export const notes: Flag = { flags: '--notes <text>', says: 'a description kept with it' }
export const acting = [EXIT.held, EXIT.putBack, EXIT.notPutBack, EXIT.locked] as const
