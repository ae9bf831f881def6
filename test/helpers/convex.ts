import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

type Tables = Record<string, object[]>

/**
 * A Convex deployment that a fake `convex` in `bin` acts on, below `folder`. `tables` reads what it holds, `put` makes it
 * hold something else. `env` leads a child to it.
 */
export function fakeConvex(folder: string, deployment: string) {
  const program = fileURLToPath(new URL('../fixtures/fake-convex.sh', import.meta.url))
  const at = (...names: string[]) => join(folder, ...names)
  mkdirSync(at('bin'), { recursive: true })
  copyFileSync(program, at('bin', 'convex'))
  chmodSync(at('bin', 'convex'), 0o755)
  const name = (text: string) => writeFileSync(at('deployment'), `${text}\n`)
  name(deployment)
  return {
    env: { FAKE_CONVEX: folder, PATH: `${at('bin')}${delimiter}${process.env['PATH']}` },
    bin: at('bin'),
    /** Makes the CLI act on another deployment, as a wrong key does. */
    name,
    /** Makes the server refuse every import. */
    refuse: () => writeFileSync(at('refuse'), 'yes'),
    put: (tables: Tables) => {
      for (const [table, documents] of Object.entries(tables)) write(at('data', table), documents)
      const names = readdirSync(at('data')).filter((table) => !table.startsWith('_'))
      write(
        at('data', '_tables'),
        names.map((table, index) => ({ name: table, id: 10_001 + index })),
      )
    },
    tables: (): Tables =>
      Object.fromEntries(
        readdirSync(at('data'))
          .filter((table) => table !== '_tables')
          .map((table) => [table, read(at('data', table))]),
      ),
  }
}

function write(folder: string, documents: readonly object[]): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'documents.jsonl'), documents.map((one) => `${JSON.stringify(one)}\n`).join(''))
  writeFileSync(join(folder, 'generated_schema.jsonl'), '{}\n')
}

function read(folder: string): object[] {
  const lines = readFileSync(join(folder, 'documents.jsonl'), 'utf8').split('\n')
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as object)
}
