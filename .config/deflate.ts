import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** Compiles `src/archive/assembly/` into a module that holds its bytes, so that tests, workers and the bundle need no step before. */

const root = fileURLToPath(new URL('..', import.meta.url))
/** Run as a program: its types would hide those of Node. */
const compiler = fileURLToPath(new URL('../bin/asc.js', import.meta.resolve('assemblyscript/asc')))
const options = ['-O3', '--runtime', 'stub', '--noAssert', '--enable', 'simd']

export const COMPILED = `${root}src/archive/deflate-wasm.ts`

/** The text of that module: the same for the same source on any machine. */
export async function compileDeflate(): Promise<string> {
  const text = (await compileAssembly('deflate.ts')).toString('base64')
  return `/** \`assembly/deflate.ts\`, compiled by \`npm run deflate\`, in base64. */
export const DEFLATE_WASM = \`
${text.replaceAll(/.{1,116}/g, '  $&\n')}\`
`
}

/** A file of `src/archive/assembly/` and what it imports. */
export async function compileAssembly(name: string, more: string[] = []): Promise<Buffer<ArrayBuffer>> {
  const folder = await mkdtemp(join(tmpdir(), 'deflate-'))
  try {
    const to = join(folder, 'module.wasm')
    const command = [compiler, `src/archive/assembly/${name}`, ...options, ...more, '--outFile', to]
    await promisify(execFile)(process.execPath, command, { cwd: root })
    return await readFile(to)
  } finally {
    await rm(folder, { recursive: true })
  }
}

if (import.meta.main) await writeFile(COMPILED, await compileDeflate())
