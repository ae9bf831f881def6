import { mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { noise, randomNumbers } from '../helpers/random.ts'

/** How many files of each kind, and about how long they are: 25,000 files and 700 MB when `share` is 1. */
const KINDS: { count: number; bytes: number; folder: string; ending: string; make: Maker }[] = [
  { count: 21_500, bytes: 9_000, folder: 'src', ending: 'ts', make: phrases(sourcePhrase) },
  { count: 2_900, bytes: 55_000, folder: 'data', ending: 'json', make: phrases(dataPhrase) },
  { count: 500, bytes: 80_000, folder: 'public/img', ending: 'png', make: dense },
  { count: 60, bytes: 2_200_000, folder: 'build', ending: 'so', make: binary },
  { count: 30, bytes: 3_500_000, folder: 'logs', ending: 'log', make: phrases(dataPhrase) },
  { count: 8, bytes: 3_000_000, folder: 'media', ending: 'mp4', make: dense },
  { count: 3, bytes: 15_000_000, folder: 'dumps', ending: 'sql', make: phrases(dataPhrase) },
]
/** Long ago: files that were only just written are not trusted to be unchanged. */
const WRITTEN = 1_700_000_000

type Random = () => number
type Maker = (size: number, random: Random, words: readonly string[]) => Buffer

/** Writes the same tree wherever and whenever it is called, and answers with its paths and how much it is. */
export function makeCorpus(root: string, share = 1): { paths: string[]; bytes: number } {
  const random = randomNumbers(20_251_121)
  const words = vocabulary(random)
  const paths: string[] = []
  let bytes = 0
  for (const { count, bytes: usual, folder, ending, make } of KINDS)
    for (let index = 0; index < Math.max(1, Math.round(count * share)); index += 1) {
      // Many short files and a few long ones, as in any project.
      const size = Math.round(usual * (0.2 + 2.4 * random() ** 2))
      const name = `${words[index % words.length]}-${index}.${ending}`
      const path = join(folder, String(index % 40), String(index % 7), name)
      mkdirSync(dirname(join(root, path)), { recursive: true })
      writeFileSync(join(root, path), make(size, random, words))
      utimesSync(join(root, path), WRITTEN, WRITTEN)
      paths.push(path)
      bytes += size
    }
  return { paths, bytes }
}

/** Writes one file in a hundred anew, each round another hundredth of the sources and texts. Answers with how many. */
export function changeSome(root: string, paths: readonly string[], round: number): number {
  const random = randomNumbers(round + 1)
  const words = vocabulary(random)
  const changed = paths.filter((path, index) => index % 100 === round % 100 && /\.(?:ts|json)$/.test(path))
  for (const path of changed) writeFileSync(join(root, path), phrases(sourcePhrase)(9_000, random, words))
  return changed.length
}

/** Two thousand words of two to twelve letters. */
function vocabulary(random: Random): string[] {
  const letter = (): string => String.fromCodePoint(97 + Math.floor(26 * random() ** 1.7))
  return Array.from({ length: 2_000 }, () => Array.from({ length: 2 + Math.floor(random() * 11) }, letter).join(''))
}

/** Phrases of some modules, each with its own few words; a file is phrases of one module, one after the other. */
function phrases(make: (word: () => string, random: Random) => string): Maker {
  const modules: Buffer[][] = []
  return (size, random, words) => {
    while (modules.length < 40) {
      const own = Array.from({ length: 120 }, () => words[Math.floor(words.length * random())] ?? '')
      const word = (): string => own[Math.floor(own.length * random() ** 2)] ?? ''
      modules.push(Array.from({ length: 1_500 }, () => Buffer.from(make(word, random))))
    }
    const pool = modules[Math.floor(modules.length * random())] ?? []
    const data = Buffer.allocUnsafe(size)
    for (let at = 0; at < size;) at += pool[Math.floor(pool.length * random() ** 2.5)]?.copy(data, at) ?? size
    return data
  }
}

function sourcePhrase(word: () => string, random: Random): string {
  const indent = '  '.repeat(1 + Math.floor(random() * 4))
  const forms = [
    `const ${word()} = await `,
    `this.${word()}.${word()}(`,
    `if (${word()} === `,
    `${word()}, ${word()}`,
    `) return ${word()}\n${indent}`,
    `)\n${indent}`,
    ` {\n${indent}`,
    `\n}\n\nexport function ${word()}`,
    `(${word()}: string`,
    `.map((${word()}) => `,
    `// the ${word()} of a ${word()}\n${indent}`,
    `'${word()}/${word()}'`,
    ` ?? ${word()}`,
    word(),
    ` && ${word()}.length > ${Math.floor(random() * 100)}`,
  ]
  return forms[Math.floor(random() * forms.length)] ?? ''
}

function dataPhrase(word: () => string, random: Random): string {
  const forms = [
    `","${word()}":"`,
    `"},\n{"id":${Math.floor(random() * 1e5)},"`,
    `${word()} ${word()}`,
    ` ${word()} `,
    `","at":"2025-11-${10 + Math.floor(random() * 20)}T12:${10 + Math.floor(random() * 50)}:00Z`,
    `,"count":${Math.floor(random() * 1_000)},"${word()}":"`,
  ]
  return forms[Math.floor(random() * forms.length)] ?? ''
}

function dense(size: number, random: Random): Buffer {
  return noise(size, Math.floor(random() * 2 ** 31))
}

/** Machine code, more or less: some thousand sequences of instructions, addresses between them, and runs of zeros. */
function binary(size: number, random: Random): Buffer {
  const code = Array.from({ length: 6_000 }, () => noise(3 + Math.floor(9 * random()), Math.floor(random() * 2 ** 31)))
  const data = Buffer.alloc(size)
  for (let at = 0; at + 16 <= size;) {
    at += code[Math.floor(code.length * random() ** 7)]?.copy(data, at) ?? size
    if (random() < 0.3) at = data.writeUInt16LE(Math.floor(65_536 * random() ** 2), at)
    else if (random() < 0.03) at += Math.floor(64 * random())
  }
  return data
}
