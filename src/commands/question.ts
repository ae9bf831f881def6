import { createInterface } from 'node:readline/promises'
import { EXIT, UserError } from '../core/failure.ts'

/** Asks for a line on the terminal, and gives it as it was typed. Throws a UserError where whoever is asked leaves instead. */
export async function question(text: string, signal: AbortSignal): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return await terminal.question(text, { signal })
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'AbortError') throw error
    // The row with the question is not done yet.
    process.stderr.write('\n')
    const ended = error.message.includes('Ctrl+D')
    const why = ended ? 'the question was not answered' : 'it was stopped with Ctrl-C'
    throw new UserError('Left without acting', why, ['Nothing has changed.'], ended ? EXIT.held : EXIT.interrupted)
  } finally {
    terminal.close()
  }
}
