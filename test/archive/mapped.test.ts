import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { extractZip } from '../../src/archive/zip-read.ts'
import { writeZip } from '../../src/archive/zip-write.ts'
import { missing } from '../helpers/needs.ts'
import { believedFolder } from '../helpers/trees.ts'

/** Changes the first bytes of a file through memory that it has mapped, word by word as they are told. */
const MAP = `import mmap, sys
with open(sys.argv[1], 'r+b') as file:
  memory = mmap.mmap(file.fileno(), 0)
  for word in iter(sys.stdin.readline, ''):
    memory[0:4] = word.strip().encode()
    print('changed', flush=True)`

test.skipIf(missing('python3'))(
  'what a program changes in a file that it has mapped is in the next archive',
  async ({ onTestFinished }) => {
    const dir = mkdtempSync(join(believedFolder(), 'kg-mapped-'))
    onTestFinished(() => rmSync(dir, { recursive: true }))
    const root = join(dir, 'tree')
    mkdirSync(root)
    for (const name of ['mapped', 'other']) writeFileSync(join(root, name), 'x'.repeat(8_192))
    const program = spawn('python3', ['-c', MAP, join(root, 'mapped')], { stdio: ['pipe', 'pipe', 'inherit'] })
    onTestFinished(() => void program.kill('SIGKILL'))
    const change = async (word: string): Promise<void> => {
      program.stdin.write(`${word}\n`)
      await once(program.stdout, 'data')
    }
    await change('1111')
    // Old enough to be believed, and not brought to the disk by itself yet.
    await sleep(2_100)
    const [first, second] = ['1', '2'].map((name) => ({ path: join(dir, `${name}.zip`), index: join(dir, name) }))
    if (first === undefined || second === undefined) throw new Error('there are two')
    const { sha256 } = await writeZip({ root, exclude: [], to: first.path, index: first.index })
    await change('2222')
    const { reused } = await writeZip({
      root,
      exclude: [],
      to: second.path,
      index: second.index,
      previous: { ...first, sha256 },
    })
    expect(reused).toBe(1)
    await extractZip(second.path, join(dir, 'back'))
    expect(readFileSync(join(dir, 'back/mapped'), 'latin1').slice(0, 4)).toBe('2222')
  },
)
