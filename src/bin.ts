#!/usr/bin/env node
import module from 'node:module'

declare const __VERSION__: string

/**
 * The launcher: what must be settled before anything else is imported. Its own syntax stays plain, so that an old
 * Node gets as far as the sentence that says what is wrong with it.
 */

const OLDEST = [22, 15] as const

function tooOld(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])
}

/** Ink's colours know FORCE_COLOR only; NO_COLOR and a dumb terminal are passed on in that word. */
function settleColour(env: NodeJS.ProcessEnv): void {
  if (env['FORCE_COLOR'] === undefined && (env['NO_COLOR'] || env['TERM'] === 'dumb')) env['FORCE_COLOR'] = '0'
}

/** node:sqlite announces itself as experimental on Node 22; an operator can do nothing with that. */
function silenceSqliteWarning(): void {
  const emit = process.emitWarning as (...all: unknown[]) => void
  process.emitWarning = (...all: unknown[]) => {
    if (!String(all[0]).includes('SQLite is an experimental feature')) emit.apply(process, all)
  }
}

/** What writing says when a pipe's reader (`| head`) or the terminal itself has gone. */
const GONE = new Set(['EPIPE', 'EIO', 'ENXIO', 'ENOTCONN'])

/**
 * A reader that has gone, or a full disk, must not end a deploy half way: what would have been written there is dropped. A result
 * that is not whole ends with 1, since whoever reads it there cannot see what is missing.
 */
function outliveReaders(): void {
  process.stderr.on('error', () => undefined)
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (GONE.has(error.code ?? '')) return
    process.exitCode ||= 1
    process.stderr.write(
      `The result could not be written whole: ${error.message}. What was asked for was still done.\n`,
    )
  })
}

async function launch(argv: string[]): Promise<number> {
  if (tooOld(process.versions.node)) {
    console.error(`knowngood needs Node ${OLDEST.join('.')} or newer; this is Node ${process.versions.node}.`)
    return 2
  }
  if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) {
    console.log(__VERSION__)
    return 0
  }
  settleColour(process.env)
  silenceSqliteWarning()
  outliveReaders()
  // Compiled code is kept between starts; where the cache cannot be written Node goes on without it.
  module.enableCompileCache()
  const { main } = await import('./cli.ts')
  return main(argv)
}

// An exit code first: whatever is still on its way to a pipe gets there.
process.exitCode = (await launch(process.argv.slice(2))) || process.exitCode
// A page that does not answer must not keep the shell waiting for a screen that was left.
setTimeout(() => process.exit(), 500).unref()
