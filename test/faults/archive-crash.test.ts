import { mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { gunzipFile } from '../../src/archive/gzip-file.ts'
import { extractTarGz } from '../../src/archive/tar-read.ts'
import { extractZip } from '../../src/archive/zip-read.ts'
import { writeZip } from '../../src/archive/zip-write.ts'
import type { Task } from '../bench/archive-task.ts'
import { archiveIn } from '../helpers/archive-child.ts'
import { missing } from '../helpers/needs.ts'
import { noise } from '../helpers/random.ts'
import { temporaryFolder } from '../helpers/temp.ts'

/** Injects a fault into one system call of a process and of all it starts. */
const strace = (calls: string, fault: string): string[] => [
  'strace',
  '-f',
  '-qq',
  '-o',
  '/dev/null',
  '-e',
  `trace=${calls}`,
  '-e',
  `inject=${calls}:${fault}`,
]
const SYNCS = 'fsync,fdatasync,syncfs'
const NAMES = '?link,linkat,?rename,renameat,renameat2'
const noStrace = missing('strace')

async function made(): Promise<{ dir: string; to: string; tasks: Task[] }> {
  const dir = temporaryFolder()
  const root = join(dir, 'tree')
  const to = join(dir, 'to')
  mkdirSync(root)
  mkdirSync(to)
  writeFileSync(join(root, 'noise'), noise(2_500_000))
  writeFileSync(join(root, 'text'), 'text '.repeat(10_000))
  await writeZip({ root, exclude: [], to: join(dir, 'good.zip') })
  const tasks: Task[] = [
    { do: 'zip', root, to: join(to, 'x.zip'), index: join(to, 'x.index') },
    { do: 'tar', root, to: join(to, 'x.tar.gz') },
    { do: 'gzip', from: join(root, 'noise'), to: join(to, 'x.gz') },
    { do: 'unzip', from: join(dir, 'good.zip'), to: join(to, 'back') },
  ]
  return { dir, to, tasks }
}

test.skipIf(noStrace)(
  'fault 23: what could not be synced gets no name and leaves nothing (needs strace)',
  async () => {
    const { to, tasks } = await made()
    for (const task of tasks) {
      const { code, err } = await archiveIn(strace(SYNCS, 'error=EIO'), task)
      expect(code, task.do).not.toBe(0)
      expect(err, task.do).toMatch(/EIO|i\/o error|Input\/output error|ended with code 1/)
      expect(readdirSync(to), task.do).toEqual([])
    }
  },
  120_000,
)

test.skipIf(noStrace)(
  'fault 24: killed as it is given its name, an archive is whole or not there, and the next one works (needs strace)',
  async () => {
    const { dir, to, tasks } = await made()
    const whole: Record<Task['do'], (path: string, out: string) => Promise<unknown>> = {
      zip: extractZip,
      tar: extractTarGz,
      gzip: gunzipFile,
      unzip: async (path) => expect(readFileSync(join(path, 'text'), 'utf8')).toBe('text '.repeat(10_000)),
      verify: async () => undefined,
    }
    for (const [index, task] of tasks.entries()) {
      const { signal } = await archiveIn(strace(NAMES, 'signal=SIGKILL:when=1'), task)
      expect(signal, task.do).toBe('SIGKILL')
      // The signal comes as the call returns: the name may stand already, and then what it names is all of it.
      for (const name of readdirSync(to).filter((one) => !one.startsWith('.')))
        await whole[task.do](join(to, name), join(dir, `${index}-${name}`))
      for (const name of readdirSync(to)) utimesSync(join(to, name), 1, 1)
      const fresh = { ...task, to: join(to, `again-${index}`) } as Task
      expect((await archiveIn([], fresh)).code, task.do).toBe(0)
      await whole[task.do](join(to, `again-${index}`), join(dir, `again-${index}`))
      // What the killed one had begun is gone, though nobody removed it by hand.
      expect(readdirSync(to).filter((name) => name.startsWith('.'))).toEqual([])
      rmSync(to, { recursive: true })
      mkdirSync(to)
    }
  },
  120_000,
)
