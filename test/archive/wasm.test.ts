import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { MODULES, compileModule } from '../../.config/assembly.ts'

test.each(MODULES)(
  'the bytes of $name that are run are what its source compiles to',
  async ({ name, path }) => {
    expect(readFileSync(path, 'utf8')).toBe(await compileModule(name))
  },
  60_000,
)
