import { expect, test } from 'vitest'
import type { VerifyCheck } from '../../src/core/project.ts'
import { provenWords } from '../../src/core/release.ts'

const page = (contains: string | null): VerifyCheck => ({
  kind: 'url',
  url: 'https://mosaic.example/',
  status: 200,
  timeoutMs: 1e3,
  contains,
})
const script: VerifyCheck = { kind: 'run', run: ['./live.sh'], timeoutMs: 1000 }

test.each([
  ['a page that names it', [page(null), page('<!-- BUILD_ID:{id} -->')], 'BUILD_ID abc proven live'],
  ['a command, which is given it', [page(null), script], 'BUILD_ID abc proven live'],
  ['a page that only answers', [page(null)], 'production answers as it should; no check names BUILD_ID abc'],
  ['a page with some words', [page('Welcome')], 'production answers as it should; no check names BUILD_ID abc'],
])('a release is proven live by %s, or it is said that it is not', (_, checks, says) => {
  expect(provenWords(checks, 'abc')).toBe(says)
})
