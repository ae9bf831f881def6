import { build } from 'esbuild'
import type { Plugin } from 'esbuild'
import { execFile } from 'node:child_process'
import { chmod, readFile, rm, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** Bundles the program into `dist/` and writes `schema.json`. Run by `npm run build`. */

const root = fileURLToPath(new URL('..', import.meta.url))
const { version } = JSON.parse(await readFile(`${root}package.json`, 'utf8')) as { version: string }

type Substitution = { file: RegExp; why: string; from: string; to: string }

/**
 * What others' modules do at import time that a first frame should not wait for. Each is one small exact replacement;
 * the build fails when one no longer fits, so that an update of the package cannot silently lose it.
 */
const substitutions: Substitution[] = [
  {
    file: /yoga-layout\/dist\/binaries\/yoga-wasm-base64-esm\.js$/,
    why: 'Yoga fetches its own data: URL, which starts undici; decoding the text is all that is needed',
    from: 'function ya(){return w||',
    to: 'function ya(){w=Buffer.from(H.slice(37),"base64");return w||',
  },
  {
    file: /\/string-width\/index\.js$/,
    why: 'the segmenter loads ICU break data; plain ASCII never asks for it',
    from: 'const segmenter = new Intl.Segmenter();',
    to: 'let made; const segmenter = {segment: text => (made ??= new Intl.Segmenter()).segment(text)};',
  },
  {
    file: /\/string-width\/index\.js$/,
    why: 'the set of emoji sequences is built when the expression is made, not when it is used',
    from: String.raw`const rgiEmojiRegex = /^\p{RGI_Emoji}$/v;`,
    to: String.raw`let emoji; const rgiEmojiRegex = {test: text => (emoji ??= new RegExp('^\\p{RGI_Emoji}$', 'v')).test(text)};`,
  },
  {
    file: /\/wrap-ansi\/index\.js$/,
    why: 'as in string-width',
    from: 'const segmenter = new Intl.Segmenter();',
    to: 'let made; const segmenter = {segment: text => (made ??= new Intl.Segmenter()).segment(text)};',
  },
]

const fasterStart: Plugin = {
  name: 'faster-start',
  setup({ onLoad, onEnd }) {
    const used = new Set<Substitution>()
    onLoad({ filter: /(yoga-wasm-base64-esm|string-width\/index|wrap-ansi\/index)\.js$/ }, async ({ path }) => {
      let contents = await readFile(path, 'utf8')
      for (const substitution of substitutions.filter(({ file }) => file.test(path))) {
        if (contents.split(substitution.from).length !== 2)
          throw new Error(`${path}: "${substitution.from}" is not there exactly once (${substitution.why})`)
        contents = contents.replace(substitution.from, () => substitution.to)
        used.add(substitution)
      }
      return { contents, loader: 'js' }
    })
    onEnd(() => {
      const unused = substitutions.filter((substitution) => !used.has(substitution))
      if (unused.length > 0) throw new Error(`never applied: ${unused.map(({ file }) => file.source).join(', ')}`)
    })
  },
}

/** Ink imports its developer tools only under DEV=true; a stub keeps a 15 MB debugger out of the bundle. */
const noDevtools: Plugin = {
  name: 'no-devtools',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^react-devtools-core$/ }, ({ path }) => ({ path, namespace: 'stub' }))
    onLoad({ filter: /.*/, namespace: 'stub' }, () => ({ contents: 'export default {}' }))
  },
}

await rm(new URL('../dist', import.meta.url), { recursive: true, force: true })
await build({
  absWorkingDir: root,
  entryPoints: ['src/bin.ts'],
  outdir: 'dist',
  entryNames: '[name]',
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node22',
  minify: true,
  keepNames: true,
  legalComments: 'external',
  // Production React is chosen here and not in the environment: children (`npm ci` in a build step) would inherit it.
  define: { 'process.env.NODE_ENV': '"production"', __VERSION__: JSON.stringify(version) },
  banner: {
    // Packages in CommonJS ask for Node's own modules through `require`.
    js: "import{createRequire as __require}from'node:module';const require=__require(import.meta.url);",
  },
  plugins: [noDevtools, fasterStart],
  logLevel: 'warning',
})
await chmod(new URL('../dist/bin.js', import.meta.url), 0o755)

// The schema editors use is what the program itself prints, so the two cannot differ.
const schema = await promisify(execFile)(process.execPath, ['dist/bin.js', 'schema'], { cwd: root })
JSON.parse(schema.stdout)
await writeFile(new URL('../schema.json', import.meta.url), schema.stdout)
