import { z } from 'zod'

/** A path inside what was built. */
export const insideOption = z
  .string()
  .regex(/^(?![-/~])(?!.*(?:^|\/)\.\.(?:\/|$))[^\\\p{Cc}]+$/u, { error: 'is a path inside what was built' })

/** How a CLI is called, as words. */
export function commandOption(program: string, ...words: string[]) {
  return z
    .array(z.string().min(1))
    .nonempty()
    .default([program, ...words])
}

/** What every host's CLI is told; `token` is the variable that the CLI itself reads. */
export function hostOptions(token: string) {
  return {
    token: z
      .string()
      .regex(/^[A-Za-z_]\w*$/, { error: 'is the name of a variable' })
      .default(token)
      .describe('The variable that holds the credential. It reaches the CLI by its environment only.'),
    idle: z.int().positive().default(600).describe('Seconds without a word until the CLI is given up.'),
    timeout: z.int().positive().default(1800).describe('Seconds until it is ended.'),
  }
}
