import { writeFile } from 'node:fs/promises'
import { UserError, messageOf } from '../core/failure.ts'
import { execute } from './exec.ts'

/**
 * Copies text for the operator: into tmux's buffer inside tmux, otherwise by OSC 52 to the controlling terminal,
 * which also works over ssh. Throws a UserError where there is no terminal to ask.
 */
export async function copyText(text: string): Promise<void> {
  if (process.env['TMUX'] !== undefined) {
    await execute({ argv: ['tmux', 'load-buffer', '-w', '-'], stdin: text, idleMs: 5000, timeoutMs: 5000 })
    return
  }
  try {
    await writeFile('/dev/tty', `\u001b]52;c;${Buffer.from(text, 'utf8').toString('base64')}\u0007`)
  } catch (error) {
    throw new UserError("Can't copy", messageOf(error), ['Select the text with the mouse instead.'])
  }
}
