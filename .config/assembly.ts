import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** Compiles `src/archive/assembly/` into modules that hold its bytes, so that tests, workers and the bundle need no step before. */

const root = fileURLToPath(new URL('..', import.meta.url))
/** Run as a program: its types would hide those of Node. */
const compiler = fileURLToPath(new URL('../bin/asc.js', import.meta.resolve('assemblyscript/asc')))
const options = ['-O3', '--runtime', 'stub', '--noAssert', '--enable', 'simd']

/** What is compiled, and where to. */
export const MODULES = [
  { name: 'deflate', path: `${root}src/archive/deflate-wasm.ts` },
  { name: 'inflate', path: `${root}src/archive/inflate-wasm.ts` },
] as const

/** The text of such a module: the same for the same source on any machine. */
export async function compileModule(name: 'deflate' | 'inflate'): Promise<string> {
  const text = (await compileAssembly(`${name}.ts`)).toString('base64')
  return `/** \`assembly/${name}.ts\`, compiled by \`npm run assembly\`, in base64. */
export const ${name.toUpperCase()}_WASM = \`
${text.replaceAll(/.{1,116}/g, '  $&\n')}\`
`
}

/** A file of `src/archive/assembly/` and what it imports. */
export async function compileAssembly(name: string, more: string[] = []): Promise<Buffer<ArrayBuffer>> {
  const folder = await mkdtemp(join(tmpdir(), 'assembly-'))
  try {
    const to = join(folder, 'module.wasm')
    const command = [compiler, `src/archive/assembly/${name}`, ...options, ...more, '--outFile', to]
    await promisify(execFile)(process.execPath, command, { cwd: root })
    return await readFile(to)
  } finally {
    await rm(folder, { recursive: true })
  }
}

if (import.meta.main) for (const { name, path } of MODULES) await writeFile(path, await compileModule(name))
