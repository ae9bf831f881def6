import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

/** The walls of the house: which room may know which, and where the doors to the outside are. `src/README.md` draws them. */

const PLUG_INS = ['sources', 'targets', 'mirrors']
const MAY_IMPORT: Record<string, string[]> = {
  core: [],
  world: ['core'],
  archive: ['core', 'world'],
  config: ['core', 'world', ...PLUG_INS],
  sources: ['core', 'world', 'archive'],
  targets: ['core', 'world', 'archive'],
  mirrors: ['core', 'world', 'archive'],
  records: ['core', 'world', 'archive'],
  // What runs have left behind is a fact like any other; the runner itself observes nothing through them.
  facts: ['core', 'world', 'archive', 'records', 'run', ...PLUG_INS],
  calls: ['core', 'world', 'archive', 'records', 'facts', ...PLUG_INS],
  plans: ['core', ...PLUG_INS],
  run: ['core', 'world', 'records'],
  report: ['core', 'world', 'run'],
  tui: ['core'],
  demo: ['core', 'world', 'archive', 'config', 'records', 'facts', 'calls', 'plans', 'run', ...PLUG_INS],
}

/** Rooms that hold a door; everybody else asks them. */
const TOUCH_FILES = ['world', 'archive', 'records', 'config', 'demo', 'calls', 'facts', 'run', ...PLUG_INS]
const DOORS: Record<string, { modules: RegExp; rooms: string[] }> = {
  files: { modules: /^(node:)?fs(\/promises)?$/, rooms: TOUCH_FILES },
  children: { modules: /^((node:)?child_process|execa|simple-git)$/, rooms: ['world', 'demo'] },
  network: { modules: /^((node:)?(http|https|http2|net|tls|dgram|undici)|@octokit\/.+)$/, rooms: ['world', 'demo'] },
  screen: { modules: /^(ink|ink-select-input|react)(\/.*)?$/, rooms: ['tui'] },
  tasks: { modules: /^listr2$/, rooms: ['run', 'report'] },
  database: { modules: /^node:sqlite$/, rooms: ['records', 'sources', 'facts', 'demo'] },
}

const src = fileURLToPath(new URL('../src', import.meta.url))
/** Single files that pass a wall, each for its own reason. */
const ALLOWED = [
  // A crash has to be written down when nothing else can be trusted any more.
  'report/crash.ts → node:fs/promises',
  // `init` adds to .gitignore.
  'commands/init.ts → node:fs/promises',
  // A mutex between processes, borrowed from SQLite's own file locks.
  'world/short-lock.ts → node:sqlite',
]

type Source = { path: string; room: string; text: string; lines: number; imports: { to: string; typeOnly: boolean }[] }

const sources: Source[] = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.tsx?$/.test(path))
  .map((path) => {
    const text = readFileSync(join(src, path), 'utf8')
    return {
      path,
      room: path.includes('/') ? (path.split('/')[0] ?? '') : '',
      text,
      lines: text.split('\n').length - 1,
      imports: importsOf(text),
    }
  })

/** Static and dynamic imports, and re-exports; a path that starts with a dot is resolved by `target`. */
function importsOf(text: string) {
  const found = text.matchAll(
    /^\s*(?:import|export)\s(type\s)?(?:[^'"`;]*?\sfrom\s)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/gm,
  )
  return [...found].map(([, typeOnly, fixed, dynamic]) => ({
    to: fixed ?? dynamic ?? '',
    typeOnly: typeOnly !== undefined,
  }))
}

function target(source: Source, to: string): string | null {
  return to.startsWith('.') ? relative(src, join(src, dirname(source.path), to)) : null
}

function crossings(): { from: Source; room: string; to: string; typeOnly: boolean }[] {
  return sources.flatMap((from) =>
    from.imports.flatMap(({ to, typeOnly }) => {
      const path = target(from, to)
      const room = path?.includes('/') ? (path.split('/')[0] ?? '') : ''
      return path === null || room === from.room ? [] : [{ from, room, to: path, typeOnly }]
    }),
  )
}

describe('the rooms', () => {
  it('are all known here', () => {
    const rooms = new Set(sources.map(({ room }) => room))
    expect([...rooms].filter((room) => !(room in MAY_IMPORT) && !['', 'commands'].includes(room))).toEqual([])
  })

  it('import only what lies below them', () => {
    const wrong = crossings().filter(
      ({ from, room }) => !['', 'commands'].includes(from.room) && !MAY_IMPORT[from.room]?.includes(room),
    )
    expect(wrong.map(({ from, to }) => `${from.path} → ${to}`)).toEqual([])
  })

  it('form no cycle, so that each can be read after the ones it uses', () => {
    const above = new Map<string, Set<string>>()
    for (const { from, room } of crossings()) above.set(from.room, (above.get(from.room) ?? new Set()).add(room))
    const cycles: string[] = []
    const walk = (room: string, trail: string[]) => {
      if (trail.includes(room)) return void cycles.push([...trail.slice(trail.indexOf(room)), room].join(' → '))
      for (const next of above.get(room) ?? []) walk(next, [...trail, room])
    }
    for (const room of Object.keys(MAY_IMPORT)) walk(room, [])
    expect([...new Set(cycles)]).toEqual([])
  })

  it('give the core nothing of the outside but path arithmetic and hashing', () => {
    const outside = sources
      .filter(({ room }) => room === 'core')
      .flatMap(({ path, imports }) =>
        imports.filter(({ to }) => !to.startsWith('.')).map(({ to }) => `${path} → ${to}`),
      )
    expect(outside.filter((line) => !/ → node:(path|crypto)$/.test(line) && !line.endsWith(' → zod'))).toEqual([])
  })
})

describe('the doors', () => {
  for (const [door, { modules, rooms }] of Object.entries(DOORS))
    it(`${door}: only ${rooms.join(', ')}`, () => {
      const wrong = sources.flatMap(({ path, room, imports }) =>
        imports
          .filter(({ to, typeOnly }) => !typeOnly && modules.test(to) && !rooms.includes(room))
          .map(({ to }) => `${path} → ${to}`),
      )
      expect(wrong.filter((line) => !ALLOWED.includes(line))).toEqual([])
    })

  it('speaks to the network through world/http alone', () => {
    const fetching = sources.filter(
      ({ room, text }) => !['world', 'demo'].includes(room) && /(?<![.\w])fetch\(/.test(text),
    )
    expect(fetching.map(({ path }) => path)).toEqual([])
  })

  it('ends the process only in the launcher: main answers with a code', () => {
    const exits = sources.filter(({ path, text }) => /\bprocess\.exit\(/.test(text) && path !== 'bin.ts')
    expect(exits.map(({ path }) => path)).toEqual([])
  })
})

describe('the manners', () => {
  it('has named exports only', () => {
    expect(
      sources.filter(({ text }) => /^export default\b|\bas default\b/m.test(text)).map(({ path }) => path),
    ).toEqual([])
  })

  it('has no barrel files', () => {
    const barrels = sources.filter(({ path, text }) => /(^|\/)index\.tsx?$/.test(path) || /^export \* from/m.test(text))
    expect(barrels.map(({ path }) => path)).toEqual([])
  })

  it('keeps files small: half of them within 80 lines, nine in ten within 200, none past 300', () => {
    const sizes = sources.map(({ lines }) => lines).toSorted((a, b) => a - b)
    const at = (share: number) => sizes[Math.min(sizes.length - 1, Math.floor(sizes.length * share))] ?? 0
    expect(at(0.5)).toBeLessThanOrEqual(80)
    expect(at(0.9)).toBeLessThanOrEqual(200)
    expect(sources.filter(({ lines }) => lines > 300).map(({ path, lines }) => `${path}: ${lines}`)).toEqual([])
  })

  it('says every import with its ending, as Node reads it', () => {
    const bare = sources.flatMap(({ path, imports }) =>
      imports.filter(({ to }) => to.startsWith('.') && !/\.tsx?$/.test(to)).map(({ to }) => `${path} → ${to}`),
    )
    expect(bare).toEqual([])
  })
})
