import { describe, expect, test } from 'vitest'
import { docker } from '../../../src/sources/docker.ts'
import { archiveOf, beforeOf, besideOf } from '../../../src/sources/docker/names.ts'

const found = (text: string, name = 'compose.yml') =>
  docker.detect({ read: async (path) => (path === name ? text : null), glob: async () => [] })

describe('init', () => {
  test('finds the images a compose file builds, and leaves pulled ones to their registry', async () => {
    const text = `
name: mosaic
services:
  api: { build: ., image: mosaic-api }
  web: { build: { context: web } }
  db: { image: postgres:15 }
`
    expect(await found(text)).toEqual([
      {
        options: { images: ['mosaic-api', 'mosaic-web'], compose: 'compose.yml', idle: 600 },
        where: 'compose.yml',
        unsure: [],
      },
    ])
  })

  test('says what it could not name, and takes nothing from a file that is broken', async () => {
    const text = 'services:\n  api: { build: ., image: "api:${TAG}" }\n  web: { build: ., image: web }\n'
    expect(await found(text, 'docker-compose.yml')).toMatchObject([
      { options: { images: ['web'] }, unsure: [expect.stringMatching(/image of api/)] },
    ])
    for (const broken of ['', 'services: [', 'services: 7', '- a', 'services:\n  db: { image: postgres }'])
      expect(await found(broken)).toEqual([])
  })
})

describe('options', () => {
  test('take names with a tag, and no options, digests or spaces', () => {
    for (const image of ['mosaic-api', 'mosaic-api:v1', 'registry.example:5000/a/b_c:1.2', 'localhost/x'])
      expect(() => docker.options.parse({ images: [image] })).not.toThrow()
    for (const image of ['--help', 'a b', 'A', `a@sha256:${'0'.repeat(64)}`, '', '$(touch pwn)', 'a:b:c'])
      expect(() => docker.options.parse({ images: [image] }), image).toThrow()
    expect(() => docker.options.parse({ images: ['a/b', 'a__b'] })).toThrow(/twice/)
  })
})

describe('the names of an image', () => {
  test('are kept apart by run and tag', () => {
    expect(archiveOf('registry.example:5000/a/b:v1')).toBe('docker/images/registry.example_5000__a__b_v1.tar.gz')
    expect(besideOf('registry.example:5000/a/b', 'r1')).toBe('registry.example:5000/a/b:kg-r1')
    expect(besideOf('mosaic-api:v1', 'r1')).toBe('mosaic-api:kg-r1-v1')
    expect(beforeOf('mosaic-api', 'r1')).toBe('mosaic-api:before-r1')
  })
})
