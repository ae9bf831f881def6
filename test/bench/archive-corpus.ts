import { mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { randomNumbers } from '../helpers/random.ts'

/** How many files of each kind, and about how long they are; 25,000 files and 700 MB when `share` is 1. */
const KINDS = [
  { count: 21_500, bytes: 9_000, folder: 'src', ending: 'ts', make: source },
  { count: 2_900, bytes: 55_000, folder: 'data', ending: 'json', make: text },
  { count: 500, bytes: 150_000, folder: 'public/img', ending: 'png', make: noise },
  { count: 60, bytes: 1_500_000, folder: 'build', ending: 'so', make: binary },
  { count: 25, bytes: 3_000_000, folder: 'logs', ending: 'log', make: text },
  { count: 12, bytes: 4_000_000, folder: 'media', ending: 'mp4', make: noise },
  { count: 3, bytes: 10_000_000, folder: 'dumps', ending: 'sql', make: text },
]
/** Long ago: files that were only just written are not trusted to be unchanged. */
const WRITTEN = 1_700_000_000

type Random = () => number

/** Writes the same tree wherever and whenever it is called. Answers with how much it is. */
export function makeCorpus(root: string, share = 1): { files: number; bytes: number } {
  const random = randomNumbers(20_251_121)
  const words = vocabulary(random)
  let files = 0
  let bytes = 0
  for (const { count, bytes: usual, folder, ending, make } of KINDS) {
    const wanted = Math.max(1, Math.round(count * share))
    for (let index = 0; index < wanted; index += 1) {
      // Many short files and a few long ones, as in any project.
      const size = Math.round(usual * (0.2 + 2.4 * random() ** 2))
      const path = join(
        root,
        folder,
        String(index % 40),
        `${index % 7}`,
        `${words[index % words.length]}-${index}.${ending}`,
      )
      write(path, make(size, random, words))
      files += 1
      bytes += size
    }
  }
  return { files, bytes }
}

/** Changes one file in a hundred, another hundredth each round. Answers with how many. */
export function changeSome(root: string, paths: readonly string[], round: number): number {
  const random = randomNumbers(round)
  const words = vocabulary(random)
  const changed = paths.filter((_, index) => index % 100 === round % 100)
  for (const path of changed) writeFileSync(join(root, path), source(9_000, random, words))
  return changed.length
}

function write(path: string, data: Buffer): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, data)
  utimesSync(path, WRITTEN, WRITTEN)
}

/** Two thousand words of two to twelve letters. */
function vocabulary(random: Random): string[] {
  return Array.from({ length: 2_000 }, () =>
    Array.from({ length: 2 + Math.floor(random() * 11) }, () =>
      String.fromCharCode(97 + Math.floor(26 * random() ** 1.7)),
    ).join(''),
  )
}

/** Common words are very common, as in any language. */
function word(random: Random, words: readonly string[]): string {
  return words[Math.floor(words.length * random() ** 3)] ?? ''
}

function source(size: number, random: Random, words: readonly string[]): Buffer {
  const lines: string[] = []
  for (let length = 0; length < size;) {
    const [a, b, c] = [word(random, words), word(random, words), word(random, words)]
    const kind = Math.floor(random() * 5)
    const indent = '  '.repeat(Math.floor(random() * 4))
    const line = [
      `${indent}const ${a} = await ${b}.${c}(${word(random, words)}, ${Math.floor(random() * 1_000)})`,
      `${indent}if (${a} === null || ${b}.length > ${Math.floor(random() * 100)}) return ${c}`,
      `import { ${a}, ${b} } from './${c}.ts'`,
      `${indent}// ${a} ${b} ${c} ${word(random, words)} ${word(random, words)} ${word(random, words)}`,
      `${indent}}`,
    ][kind]
    lines.push(line ?? '')
    length += (line?.length ?? 0) + 1
  }
  return Buffer.from(lines.join('\n')).subarray(0, size)
}

function text(size: number, random: Random, words: readonly string[]): Buffer {
  const lines: string[] = []
  for (let length = 0; length < size;) {
    const id = Math.floor(random() * 1e9)
    const line = `{"id":${id},"name":"${word(random, words)} ${word(random, words)}","note":"${word(random, words)} ${word(random, words)} ${word(random, words)} ${word(random, words)}","at":${1.7e12 + id}}`
    lines.push(line)
    length += line.length + 1
  }
  return Buffer.from(lines.join('\n')).subarray(0, size)
}

function noise(size: number, random: Random): Buffer {
  const data = Buffer.allocUnsafe(size)
  for (let at = 0; at + 4 <= size; at += 4) data.writeUInt32LE(Math.floor(random() * 2 ** 32), at)
  return data
}

/** Machine code, more or less: few different opcodes, small numbers, and runs of zeros. */
function binary(size: number, random: Random): Buffer {
  const data = Buffer.alloc(size)
  for (let at = 0; at + 8 <= size; at += 8) {
    if (random() < 0.2) continue
    data[at] = 256 * random() ** 3
    data[at + 1] = 256 * random() ** 4
    data.writeUInt16LE(Math.floor(65_536 * random() ** 2), at + 2)
    if (random() < 0.3) data.writeUInt32LE(Math.floor(random() * 2 ** 32), at + 4)
  }
  return data
}
