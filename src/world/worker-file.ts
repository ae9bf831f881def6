/**
 * The file of a worker: `<name>.ts` beside the source that starts it (`from` is its `import.meta.url`). In the built program it is a
 * file of its own in the program's folder, which the chunk that starts it may lie below.
 */
export function workerFile(from: string, name: string): URL {
  if (from.endsWith('.ts')) return new URL(`${name}.ts`, from)
  return new URL(/\/chunks\/[^/]*$/.test(from) ? `../${name}.js` : `${name}.js`, from)
}
