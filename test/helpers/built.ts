import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The built program, as an operator starts it; `npm test` builds it first. */
export function built(...args: string[]): string[] {
  const program = fileURLToPath(new URL('../../dist/bin.js', import.meta.url))
  if (!existsSync(program)) throw new Error('dist/bin.js is missing: npm run build makes it')
  return [process.execPath, program, ...args]
}
