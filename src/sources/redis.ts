import { join } from 'node:path'
import { z } from 'zod'
import { messageOf } from '../core/failure.ts'
import { known } from '../core/known.ts'
import type { Check, Source } from '../core/plug-in.ts'
import { shellWord } from '../core/shell.ts'
import { now } from '../world/clock.ts'
import { openRedis, redisPlace, shownPlace } from '../world/redis.ts'
import { missingProgram } from '../world/programs.ts'
import { secretValue } from '../world/secrets.ts'
import { captureStep } from './captured.ts'
import { redisCalls } from './redis/calls.ts'
import type { Scope } from './redis/client.ts'
import { backStep, flushStep, readableStep, restoreSteps } from './redis/steps.ts'

const options = z.strictObject({
  url: z
    .string()
    .regex(/^\$[A-Za-z_][A-Za-z0-9_]*$/, { error: 'is the name of a variable, such as $REDIS_URL; never the value' })
    .describe('The variable that holds its URL: redis://, rediss:// or unix://.'),
  database: z.int().min(0).max(1023).optional().describe('The number of the database; as the URL says when left out.'),
  prefix: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('What our keys start with: only they are replaced or flushed.'),
  exclusive: z
    .literal(true)
    .optional()
    .describe('The database is ours alone: all of its keys may be replaced or flushed.'),
})

type Options = z.infer<typeof options>

const TEMPLATE = /\.(?:example|sample|template|dist)$/
/** A line of an environment file that names a server: by its variable, or by the beginning of its value. */
const URL_LINE = /^\s*(?:export\s+)?([A-Za-z_]\w*(?==\s*['"]?rediss?:\/\/)|[A-Z0-9_]*REDIS[A-Z0-9_]*URL(?=\s*=))/m

const PROGRAMS = ['redis-cli', 'redis-check-rdb', 'redis-server']

/**
 * A Redis server, captured whole as an RDB file. Only keys with our prefix, or those of a database that is ours alone, are
 * ever replaced or removed. What a swap took out is kept as `.knowngood/undo/<run>/<name>.rdb`.
 */
export const redis: Source<Options> = {
  use: 'redis',
  says: 'A Redis server, captured as an RDB file; only keys that are declared ours are put back or flushed.',
  holds: 'cache',
  options,
  detect: async (repo) => {
    const files = (await repo.glob('**/.env{,.*}')).filter((file) => !/(?:^|\/)node_modules\//.test(file))
    // A template is meant to be read; the other files are looked at for their names only.
    for (const file of files.toSorted((a, b) => Number(TEMPLATE.test(b)) - Number(TEMPLATE.test(a)))) {
      const variable = URL_LINE.exec((await repo.read(file)) ?? '')?.[1]
      if (variable !== undefined)
        return [
          {
            options: { url: `$${variable}` },
            where: file,
            unsure: ['whether others use that server: give our prefix, or say exclusive: true'],
          },
        ]
    }
    return []
  },
  doctor: async (o) => {
    const programs = await Promise.all(PROGRAMS.map(async (program) => programCheck(program)))
    const shared = o.prefix === undefined && o.exclusive === undefined
    const scope: Check = {
      id: 'redis.scope',
      // Whether it is shared only the team can say; until then nothing in it is touched.
      ok: shared ? 'unknown' : true,
      says: shared
        ? 'nothing in it is declared ours: it is captured, and never put back in place'
        : 'what is ours is declared',
      fix: shared ? 'Give `prefix`, or say `exclusive: true`.' : '',
    }
    return [...programs, scope, await answers(o)]
  },
  observe: async (o) => ({
    schema: known(null, now().toISOString()),
    detail: { url: o.url, prefix: o.prefix ?? null, exclusive: o.exclusive ?? false },
  }),
  calls: redisCalls,
  capture: (o, context) => {
    const path = `database/${context.name}.rdb`
    const to = join(context.stage, path)
    const scope = scopeOf(o)
    return captureStep('redis', context, {
      title: `Save ${context.name}`,
      detail: o.url,
      paths: [path],
      input: { scope },
      says: `save the server of ${o.url} as an RDB file, check it and count its keys`,
      byHand: [
        ['redis-cli', '-e', '-u', { secret: scope.url }, '--rdb', to],
        ['redis-check-rdb', to],
      ],
    })
  },
  readable: (_, read) => readableStep(read),
  restore: (o, context) => restoreSteps(scopeOf(o), context),
  back: (o, context) => backStep(scopeOf(o), context),
  flush: (o, { id, name }) => {
    const scope = scopeOf(o)
    return scope.prefix !== null || scope.exclusive ? flushStep(id, name, scope) : null
  },
  manual: (_, part) => {
    const slash = part.path.lastIndexOf('/')
    const [folder, file] = [part.path.slice(0, Math.max(slash, 0)) || '.', part.path.slice(slash + 1)]
    const port = '"${REDIS_PORT:-6390}"'
    return [
      `redis-check-rdb ${shellWord(part.path)}`,
      `redis-server --bind 127.0.0.1 --port ${port} --dir ${shellWord(folder)} --dbfilename ${shellWord(file)} --save '' --appendonly no --pidfile '' --daemonize yes`,
      `redis-cli -p ${port} info keyspace`,
    ]
  },
}

/** What of the server a project's options declare to be ours; `url` is the variable's name. */
export function scopeOf(o: Options): Scope {
  return {
    url: o.url.slice(1),
    database: o.database ?? null,
    prefix: o.prefix ?? null,
    exclusive: o.exclusive ?? false,
  }
}

async function programCheck(program: string): Promise<Check> {
  const missing = await missingProgram(program, '.')
  const fix = missing === null ? '' : 'Install redis-server: it brings all three.'
  return { id: `redis.${program}`, ok: missing === null, says: missing ?? `${program} is there`, fix }
}

async function answers(o: Options): Promise<Check> {
  const id = 'redis.answers'
  try {
    const place = redisPlace(secretValue(o.url.slice(1)))
    ;(await openRedis(place, undefined, 3000)).close()
    return { id, ok: true, says: `Redis answers at ${shownPlace(place)}`, fix: '' }
  } catch (error) {
    return { id, ok: false, says: messageOf(error), fix: `Set ${o.url.slice(1)}, and see that Redis runs there.` }
  }
}
