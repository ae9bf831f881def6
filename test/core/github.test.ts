import { expect, test } from 'vitest'
import { assetName, publishedUrl, repositoryOf, safeApi, versionOfBundle, versionOfTag } from '../../src/core/github.ts'

test.each([
  ['https://github.com/ana/mosaic.git', 'github.com', 'ana/mosaic'],
  ['https://github.com/ana/mosaic', 'github.com', 'ana/mosaic'],
  ['https://***@github.com/ana/mosaic.git/', 'github.com', 'ana/mosaic'],
  ['git@github.com:ana/mosaic.git', 'github.com', 'ana/mosaic'],
  ['github.com:ana/my.site.git', 'github.com', 'ana/my.site'],
  ['ssh://git@ssh.github.com:443/ana/mosaic.git', 'ssh.github.com', 'ana/mosaic'],
  ['https://GitHub.example:8443/ana/mosaic', 'github.example', 'ana/mosaic'],
])('%s is a repository of a host', (remote, host, repository) => {
  expect(repositoryOf(remote)).toEqual({ host, repository })
})

test.each([
  '',
  '/srv/git/mosaic.git',
  '../origin.git',
  'file:///srv/ana/mosaic.git',
  'https://github.com/ana',
  'C:\\git\\mosaic',
])('%j names no repository of a host', (remote) => {
  expect(repositoryOf(remote)).toBeNull()
})

test('a token is sent over TLS, or within this machine', () => {
  const safe = ['https://api.github.com', 'https://github.example/api/v3', 'http://127.0.0.1:4001', 'http://[::1]:4001']
  const unsafe = [
    'http://github.example',
    'http://127.0.0.1.evil.example',
    'https://u:p@github.example',
    'ftp://x',
    'api.github.com',
    '',
  ]
  expect(safe.map(safeApi)).toEqual(safe.map(() => true))
  expect(unsafe.map(safeApi)).toEqual(unsafe.map(() => false))
})

test('tags, versions, assets and pages are called as GitHub calls them', () => {
  expect(['v1.0.1', '1.0.1', 'version'].map(versionOfTag)).toEqual(['1.0.1', '1.0.1', 'version'])
  expect(['v1.0.1', 'A subject', null].map((commitSubject) => versionOfBundle({ commitSubject }))).toEqual([
    '1.0.1',
    null,
    null,
  ])
  expect(assetName('mosaic-v1.0.0+build 7.tar.gz')).toBe('mosaic-v1.0.0.build.7.tar.gz')
  expect(publishedUrl('https://github.com/a/b/releases/tag/untagged-1f2e', 'v1.0.0+b')).toBe(
    'https://github.com/a/b/releases/tag/v1.0.0%2Bb',
  )
})
