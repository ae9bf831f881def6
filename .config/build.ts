import { build } from 'esbuild'
import type { Plugin } from 'esbuild'
import { execFile } from 'node:child_process'
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** Bundles the program into `dist/` and writes `schema.json`. Run by `npm run build`. */

const root = fileURLToPath(new URL('..', import.meta.url))
const { version } = JSON.parse(await readFile(`${root}package.json`, 'utf8')) as { version: string }

type Substitution = { file: string; why: string; from: string; to: string }

/** Characters that never join their neighbours and are one column wide wherever ambiguous ones are narrow. */
const plain = String.raw`\u0020-\u007E\u00A1-\u00AC\u00AE-\u017F\u2010-\u2027\u2039\u203A\u2190-\u2199\u21A9\u2500-\u25B8\u25CB\u2713\u2717\u2800-\u28FF`

/**
 * What others' modules do at import time that a first frame should not wait for. Each is one exact replacement; the
 * build fails when one no longer fits, so that an update of the package cannot silently lose it.
 */
const substitutions: Substitution[] = [
  {
    file: 'yoga-layout/dist/binaries/yoga-wasm-base64-esm.js',
    why: 'Yoga fetches its own data: URL, which starts undici; decoding the text is all that is needed',
    from: 'function ya(){return w||',
    to: 'function ya(){w=Buffer.from(H.slice(37),"base64");return w||',
  },
  {
    file: 'simple-git/dist/index.mjs',
    why: 'a child that said nothing is waited for 50 ms more, though its pipes are closed',
    from: 'await a.result, c && await wt(50), i(a.exitCode);',
    to: 'await a.result, c && a.exitCode < 0 && await wt(50), i(a.exitCode);',
  },
  {
    file: 'string-width/index.js',
    why: 'the segmenter loads tables of break rules; plain text never asks for it',
    from: 'const segmenter = new Intl.Segmenter();',
    to: 'let made; const segmenter = {segment: text => (made ??= new Intl.Segmenter()).segment(text)};',
  },
  {
    file: 'string-width/index.js',
    why: 'the set of emoji sequences is built when the expression is made, not when it is used',
    from: String.raw`const rgiEmojiRegex = /^\p{RGI_Emoji}$/v;`,
    to: String.raw`let emoji; const rgiEmojiRegex = {test: text => (emoji ??= new RegExp('^\\p{RGI_Emoji}$', 'v')).test(text)};`,
  },
  {
    file: 'string-width/index.js',
    why: 'the emoji tables again: they are asked for every character that is not ASCII, such as a rule or a tick',
    from: String.raw`if (/^[\u0020-\u007E]*$/.test(string)) {`,
    to: `if (/^[\\u0020-\\u007E]*$/.test(string) || (ambiguousIsNarrow && /^[${plain}]*$/.test(string))) {`,
  },
]

const fasterStart: Plugin = {
  name: 'faster-start',
  setup({ onLoad, onEnd }) {
    const used = new Set<Substitution>()
    const files = [...new Set(substitutions.map(({ file }) => file))]
    onLoad({ filter: new RegExp(`/node_modules/(${files.join('|')})$`) }, async ({ path }) => {
      let contents = await readFile(path, 'utf8')
      for (const substitution of substitutions.filter(({ file }) => path.endsWith(`/node_modules/${file}`))) {
        if (contents.split(substitution.from).length !== 2)
          throw new Error(`${path}: "${substitution.from}" is not there exactly once (${substitution.why})`)
        contents = contents.replace(substitution.from, () => substitution.to)
        used.add(substitution)
      }
      return { contents, loader: 'js' }
    })
    onEnd(() => {
      const unused = substitutions.filter((substitution) => !used.has(substitution))
      if (unused.length > 0) throw new Error(`never applied: ${unused.map(({ file }) => file).join(', ')}`)
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

/**
 * What every start needs (the launcher's `cli.ts` and all that it imports) goes into one file: whatever is loaded later imports
 * it too, so that no part of it is shared by only some, and a start opens a handful of files instead of a hundred.
 */
const together: Plugin = {
  name: 'together',
  setup({ onResolve, onLoad, resolve }) {
    onResolve({ filter: /^\./ }, async ({ path, kind, resolveDir, importer, pluginData }) => {
      if (kind !== 'dynamic-import' || pluginData === 'found' || importer.includes('/node_modules/')) return null
      const found = await resolve(path, { kind, resolveDir, importer, pluginData: 'found' })
      return found.errors.length > 0 ? found : { path: found.path, namespace: 'together' }
    })
    onLoad({ filter: /.*/, namespace: 'together' }, ({ path }) => ({
      contents: `import ${JSON.stringify(`${root}src/cli.ts`)}; export * from ${JSON.stringify(path)}`,
      resolveDir: root,
    }))
  },
}

/** Loading Node's own cryptography takes longer than drawing a frame, and most starts never ask for it. */
const laterCrypto: Plugin = {
  name: 'later-crypto',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:crypto$/ }, ({ path, importer }) =>
      importer.startsWith(`${root}src/`) ? { path, namespace: 'later' } : null,
    )
    const names = ['createHash', 'createHmac', 'hash', 'randomBytes', 'randomUUID']
    onLoad({ filter: /.*/, namespace: 'later' }, ({ path }) => ({
      contents: [
        `let loaded; const it = () => (loaded ??= process.getBuiltinModule('${path}'));`,
        ...names.map((name) => `export const ${name} = (...all) => it().${name}(...all);`),
      ].join('\n'),
    }))
  },
}

const common = {
  // Written below, all at once: a build that fails leaves the last good one.
  write: false,
  absWorkingDir: root,
  outdir: 'dist',
  entryNames: '[name]',
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node22',
  // Names stay as they are: a stack trace can be read, and keeping them by other means costs start-up.
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'external',
  // Production React is chosen here and not in the environment: children (`npm ci` in a build step) would inherit it.
  define: { 'process.env.NODE_ENV': '"production"', __VERSION__: JSON.stringify(version) },
  logLevel: 'warning',
} as const

const builds = await Promise.all([
  build({
    ...common,
    entryPoints: ['src/bin.ts'],
    chunkNames: 'chunks/[name]-[hash]',
    splitting: true,
    plugins: [noDevtools, fasterStart, together, laterCrypto],
  }),
  // A thread has modules of its own whatever it shares; what it needs is one file.
  build({ ...common, entryPoints: ['src/archive/archive-worker.ts', 'src/sources/sqlite/read-worker.ts'] }),
])
const outputFiles = builds.flatMap((one) => one.outputFiles)

await rm(new URL('../dist', import.meta.url), { recursive: true, force: true })
await mkdir(new URL('../dist/chunks', import.meta.url), { recursive: true })
await Promise.all(outputFiles.map(({ path, text }) => writeFile(path, withRequire(text))))
await chmod(new URL('../dist/bin.js', import.meta.url), 0o755)

// The schema editors use is what the program itself prints, so the two cannot differ.
const schema = await promisify(execFile)(process.execPath, ['dist/bin.js', 'schema'], { cwd: root })
JSON.parse(schema.stdout)
await writeFile(new URL('../schema.json', import.meta.url), schema.stdout)

/** Packages in CommonJS ask for Node's own modules through `require`, which esbuild's helper looks for in one chunk. */
function withRequire(text: string): string {
  if (!text.includes('typeof require')) return text
  return `import{createRequire}from'node:module';const require=createRequire(import.meta.url);\n${text}`
}
