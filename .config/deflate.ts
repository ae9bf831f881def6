import { main } from 'assemblyscript/asc'
import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

/** Compiles `assembly/` into a module that holds its bytes, so that tests, workers and the bundle need no step before. */

const root = fileURLToPath(new URL('..', import.meta.url))
export const COMPILED = `${root}src/archive/deflate-wasm.ts`

/** The text of that module: the same for the same source on any machine. */
export async function compileDeflate(): Promise<string> {
  const made = new Map<string, string | Uint8Array>()
  const options = ['-O3', '--runtime', 'stub', '--noAssert', '--enable', 'simd', '--outFile', 'deflate.wasm']
  const { error, stderr } = await main(['assembly/deflate.ts', ...options], {
    readFile: async (name, folder) => readFile(`${folder}/${name}`, 'utf8').catch(() => null),
    writeFile: (name, contents) => void made.set(name, contents),
    listFiles: () => [],
    baseDir: root,
  })
  const bytes = made.get('deflate.wasm')
  if (error !== null || bytes === undefined) throw new Error(`assembly/deflate.ts: ${stderr.toString()}`)
  const text = Buffer.from(bytes).toString('base64')
  return `/** \`assembly/deflate.ts\`, compiled by \`npm run deflate\`, in base64. */
export const DEFLATE_WASM = \`
${text.replaceAll(/.{1,116}/g, '  $&\n')}\`
`
}

if (import.meta.main) await writeFile(COMPILED, await compileDeflate())
