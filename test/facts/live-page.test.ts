import { describe, expect, test } from 'vitest'
import type { Project } from '../../src/core/project.ts'
import { pagePattern } from '../../src/facts/live-page.ts'
import { projectAt } from '../helpers/project.ts'

const url = 'https://mosaic.example'
const check = (contains: string | null) => ({ kind: 'url' as const, url, contains, status: 200, timeoutMs: 1000 })
const verifying = (...checks: Project['verify']['checks']) => ({ timeoutMs: 1000, reads: 3, checks })

function idIn(page: string, change: Partial<Project>): string | undefined {
  const place = pagePattern(projectAt('/srv/mosaic', change))
  return place?.patterns.map((pattern) => pattern.exec(page)?.[1]).find((id) => id !== undefined)
}

describe('the BUILD_ID of a page', () => {
  test.each([
    ['<!-- BUILD_ID:{id} -->', '<html><!-- BUILD_ID:9f2c1e0 --></html>', '9f2c1e0'],
    ['"buildId":"{id}"', '{"buildId":"web-2026.11+1"}', 'web-2026.11+1'],
    ['build {id}', 'build 9f2c1e0\n', '9f2c1e0'],
    ['{id}', '9f2c1e0', '9f2c1e0'],
    ['a.*({id})', 'a.*(9f2c1e0)', '9f2c1e0'],
    ['{id} is {id}', 'x1 is y2 or z3 is z3', 'z3'],
    ['<!-- BUILD_ID:{id} -->', '<!-- BUILD_ID: -->', undefined],
    ['<!-- BUILD_ID:{id} -->', '<!-- BUILD_ID:<script> -->', undefined],
  ])('is found by %s', (contains, page, id) => {
    expect(idIn(page, { verify: verifying(check(null), check(contains)) })).toBe(id)
  })

  test('is found by what the build stamps where no check names it', () => {
    const build = {
      id: '{sha}',
      run: [],
      artefact: [],
      stamp: [{ file: 'index.html', text: '<meta name="build" content="{id}">' }],
    }
    expect(idIn('<meta name="build" content="abc">', { build, verify: verifying(check('ok')) })).toBe('abc')
  })

  test('has no place where nothing says so', () => {
    expect(pagePattern(projectAt('/srv/mosaic'))).toBeNull()
    expect(
      pagePattern(
        projectAt('/srv/mosaic', { verify: verifying(check('ok'), { kind: 'run', run: ['x'], timeoutMs: 1 }) }),
      ),
    ).toBeNull()
  })

  test('is looked for in a long hostile page without a stall', () => {
    const started = performance.now()
    expect(
      idIn(`<!-- BUILD_ID:${'a'.repeat(2_000_000)}`, { verify: verifying(check('<!-- BUILD_ID:{id} -->')) }),
    ).toBeUndefined()
    expect(performance.now() - started).toBeLessThan(1000)
  })
})
