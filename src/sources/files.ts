import { lstat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { DEFAULT_EXCLUDES } from '../core/default-excludes.ts'
import { known } from '../core/known.ts'
import { messageOf } from '../core/failure.ts'
import type { Detected, Source } from '../core/plug-in.ts'
import { shellWord } from '../core/shell.ts'
import { call, step } from '../core/step.ts'
import { now } from '../world/clock.ts'
import { captureStep } from './captured.ts'
import { filesCalls } from './files/calls.ts'
import { backStep, forgetStep, restoreSteps } from './files/steps.ts'
import { plainPath, refuseMount } from './files/tree.ts'

const path = z
  .string()
  .min(1)
  .max(400)
  .refine((text) => !/\p{Cc}|\\/u.test(text) && !/^[-/~]/.test(text), { error: 'is a path inside the repository' })
  .refine((text) => text.split('/').every((word) => word !== '..' && word !== '.' && word !== ''), {
    error: 'names a folder or file inside the repository, without . or ..',
  })
const paths = z.array(path).min(1)
const part = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/)

const options = z
  .strictObject({
    paths: paths.optional().describe('Folders and files that the running application needs; a restore puts them back.'),
    parts: z
      .record(part, paths)
      .optional()
      .describe('Code by part, an archive for each; a restore never puts code back in place.'),
    exclude: z
      .array(z.string().min(1))
      .optional()
      .describe('Left out; default for parts: .git, node_modules, caches and reports; for paths: nothing.'),
  })
  .refine((given) => (given.paths === undefined) !== (given.parts === undefined), {
    error: 'has either `paths` or `parts`',
  })

type Options = z.infer<typeof options>

/** Where applications keep what their users gave them. */
const RUNTIME = ['uploads', 'public/uploads', 'storage/app', 'media']

/**
 * Files and folders, as .tar.gz: the runtime's as one archive, code as one for each part. A swap renames twice, and keeps
 * what it took out beside it as `<path>.before-<run>`. Links on the way to a path are never followed.
 */
export const files: Source<Options> = {
  use: 'files',
  says: 'Files and folders as .tar.gz, without the values of .env files.',
  holds: 'runtime',
  options,
  detect: async (repo) => {
    const found: Detected<Options>[] = []
    for (const folder of RUNTIME) {
      const inside = await repo.glob(`${folder}/**`)
      if (inside.some((file) => file.startsWith(`${folder}/`) && !file.endsWith('/.gitkeep')))
        found.push({
          options: { paths: [folder] },
          where: `${folder}/`,
          unsure: ['whether the application writes there'],
        })
    }
    return found
  },
  doctor: async (o, place) =>
    Promise.all(
      pathsOf(o).map(async (one) => {
        const id = `files.${one}`
        try {
          const full = await plainPath('files', place.root, one)
          const found = await lstat(full).catch(() => null)
          if (found === null)
            return { id, ok: false as const, says: `${one} is not there`, fix: 'Correct the path in knowngood.yaml.' }
          if (o.parts === undefined) await refuseMount(one, full)
          return { id, ok: true as const, says: `${one} is there`, fix: '' }
        } catch (error) {
          return { id, ok: false as const, says: messageOf(error), fix: 'Name the folder itself, or one inside it.' }
        }
      }),
    ),
  observe: async (o, place) => {
    const there = await Promise.all(
      pathsOf(o).map(async (one) => (await lstat(resolve(place.root, one)).catch(() => null)) !== null),
    )
    return {
      schema: known(null, now().toISOString()),
      detail: { paths: pathsOf(o), missing: pathsOf(o).filter((_, index) => there[index] !== true) },
    }
  },
  calls: filesCalls,
  capture: (o, context) => {
    const { name, stage, encrypted = false } = context
    const groups = o.parts === undefined ? { [`files/${name}.tar.gz`]: o.paths ?? [] } : byArchive(o.parts)
    const exclude = o.exclude ?? (o.parts === undefined ? [] : [...DEFAULT_EXCLUDES])
    const archives = Object.keys(groups)
    return captureStep('files', context, {
      title: `Archive ${name}`,
      detail: pathsOf(o).join(', '),
      paths: archives,
      input: { groups: Object.values(groups), exclude, secrets: encrypted },
      says: `archive ${pathsOf(o).join(', ')}${encrypted ? '' : ', without files that hold secret values'}`,
      byHand: Object.entries(groups).map(([archive, inside]) => [
        'tar',
        '-czf',
        join(stage, archive),
        ...exclude.map((pattern) => `--exclude=${pattern}`),
        ...(encrypted ? [] : ['--exclude=.env']),
        '--',
        ...inside,
      ]),
    })
  },
  readable: (_, { id, name, file, part: stored }) =>
    step(
      id,
      `Open ${stored.path}`,
      [call('files.readable', { name, file, part: stored }, `read ${stored.path} to its end`, [['tar', '-tzf', file]])],
      { gives: ['counts'] },
    ),
  restore: (o, context) => {
    if (o.parts !== undefined && context.to.live) return null
    return restoreSteps(o.paths ?? null, context)
  },
  back: (o, context) => backStep(o.paths ?? [], context),
  forget: (_, context) => forgetStep(context),
  manual: (_, stored) => [
    'mkdir -p "${FILES_DIR:-restored}"',
    `tar -xzf ${shellWord(stored.path)} -C "\${FILES_DIR:-restored}"`,
  ],
}

function pathsOf(o: Options): string[] {
  return o.paths ?? Object.values(o.parts ?? {}).flat()
}

function byArchive(parts: Record<string, string[]>): Record<string, string[]> {
  return Object.fromEntries(Object.entries(parts).map(([one, inside]) => [`code/${one}.tar.gz`, inside]))
}
