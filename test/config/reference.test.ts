import { describe, expect, it } from 'vitest'
import { EXAMPLE } from '../../src/config/example.ts'
import { flow } from '../../src/config/flow.ts'
import { wholeShape } from '../../src/config/plug-ins.ts'
import { parseConfig } from '../../src/config/read-config.ts'
import { configurationReference } from '../../src/config/reference.ts'
import { readYaml } from '../../src/config/read-yaml.ts'
import { fileShape, type Shape } from '../../src/config/shape.ts'

/** Every path of keys a shape allows. */
function keysOf(shape: Shape, path = ''): string[] {
  return Object.entries(shape.properties ?? {}).flatMap(([key, inner]) => {
    const here = path === '' ? key : `${path}.${key}`
    return [here, ...keysOf(inner, here), ...(inner.items === undefined ? [] : keysOf(inner.items, `${here}[]`))]
  })
}

function keysUsed(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => keysUsed(item, `${path}[]`))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => {
    const here = path === '' ? key : `${path}.${key}`
    return [here, ...keysUsed(inner, here)]
  })
}

describe('the reference', () => {
  it('shows every key there is', () => {
    const used = new Set(keysUsed(EXAMPLE))
    // Of two that exclude each other one is shown; the words of the other name it.
    expect(keysOf(fileShape()).filter((key) => !used.has(key))).toEqual(['backups.data.encrypt.age'])
    expect(configurationReference().join(' ')).toContain('{ age: [age1')
  })

  it('says something about every key', () => {
    const silent = (shape: Shape, path: string): string[] => [
      ...(shape.description === undefined && path !== '' ? [path] : []),
      ...Object.entries(shape.properties ?? {}).flatMap(([key, inner]) => [
        ...silent(inner, `${path}.${key}`),
        ...Object.entries(inner.items?.properties ?? {}).flatMap(([name, item]) =>
          silent(item, `${path}.${key}[].${name}`),
        ),
      ]),
    ]
    expect(silent(wholeShape(), '')).toEqual([])
  })

  it('is itself a configuration, and the example is what it says', async () => {
    const text = configurationReference().join('\n')
    await parseConfig(text)
    expect(readYaml(text).value).toEqual(EXAMPLE)
    for (const line of configurationReference()) expect(line.length).toBeLessThan(160)
  })

  it('offers the plug-ins by their own words, each once, and every option of theirs', () => {
    const text = configurationReference().join('\n')
    for (const use of ['postgres', 'files', 'vercel', 'restic'])
      expect(text.match(new RegExp(`Or use: ${use}\\.`, 'g'))).toHaveLength(1)
    const { sources, deploy, mirrors } = wholeShape().properties ?? {}
    const map = sources?.additionalProperties
    const places = [typeof map === 'object' ? map : {}, deploy?.properties?.['targets']?.items, mirrors?.items]
    for (const one of places.flatMap((place) => place?.anyOf ?? [])) {
      const { use: _use, ...options } = one.properties ?? {}
      for (const key of Object.keys(options)) expect(text).toMatch(new RegExp(`^[ #]*${key}: `, 'm'))
    }
    expect(text).toContain('use: command')
    expect(JSON.stringify(wholeShape())).toContain('"const":"git-push"')
  })
})

describe('values on one line', () => {
  it.each([
    ['yes'],
    ['no'],
    ['12'],
    ['1e3'],
    ['0x1f'],
    [''],
    [' a'],
    ['a: b'],
    ['a #b'],
    ['- a'],
    ['{id}'],
    ['*a'],
    ['!x'],
    ['"q"'],
    ["it's"],
    ['line\nbreak'],
    ['\u2028'],
    ['\u0085'],
    ['24h'],
    ['.nan'],
    ['~'],
    ['null'],
    ['./a b'],
    ['a-'],
    ['---'],
    ['...'],
    ['2025-01-01'],
    ['\ud83d\ude80'],
    ['<<'],
    ['='],
  ])('come back as they were: %j', (value) => {
    expect(readYaml(`a: [${flow(value)}]\nb: ${flow({ [value]: value })}\n`)).toMatchObject({
      problems: [],
      value: { a: [value], b: { [value]: value } },
    })
  })
})
