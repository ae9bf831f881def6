import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { commitTree, emptyTree, gitIdentity, makeTagObject, treeOf } from '../../src/world/git-commit.ts'
import { GitFailed } from '../../src/world/git.ts'
import { commitsBetween, countApart, hasCommit, isAncestor, readCommit, showFile } from '../../src/world/git-history.ts'
import { deleteRef, isRefName, readRef, readRefs, resolveCommit, updateRef } from '../../src/world/git-refs.ts'
import { repository } from '../helpers/repository.ts'

const by = { name: 'Ana', email: 'ana@mosaic.example', at: '2026-11-21T12:00:00.000Z' }
const hostile = '--output=pwn'

afterEach(() => vi.unstubAllEnvs())

describe('refs', () => {
  test('are read whole in one go, messages and hostile names included', async () => {
    const { git, sh } = repository()
    sh('tag', '-a', 'prod-2026-11-20', '-m', 'Second release', '-m', 'Backup: quick-1\nline two')
    sh('tag', 'light')
    sh('update-ref', `refs/heads/${hostile}`, 'HEAD')
    sh('tag', '-a', 'a-tree', '-m', 'odd', 'HEAD^{tree}')
    const head = sh('rev-parse', 'HEAD')
    const refs = await readRefs(git, ['refs/tags', 'refs/heads'])
    const named = Object.fromEntries(refs.map((ref) => [ref.ref, ref]))
    expect(named['refs/tags/prod-2026-11-20']).toMatchObject({
      kind: 'tag',
      commit: head,
      by: 'Ana',
      subject: 'Second release',
      message: 'Second release\n\nBackup: quick-1\nline two\n',
    })
    expect(named['refs/tags/light']).toMatchObject({ kind: 'commit', oid: head, commit: head })
    expect(named['refs/tags/a-tree']).toMatchObject({ commit: null })
    expect(named[`refs/heads/${hostile}`]).toMatchObject({ commit: head, subject: 'First page' })
    expect(refs).toHaveLength(5)
  })

  test('move only from where they were expected', async () => {
    const { git, sh, commit } = repository()
    const first = sh('rev-parse', 'HEAD')
    const second = commit('Second')
    await updateRef(git, 'refs/knowngood/undo/x', first, null)
    await expect(updateRef(git, 'refs/knowngood/undo/x', second, null)).rejects.toBeInstanceOf(GitFailed)
    await updateRef(git, 'refs/knowngood/undo/x', second, first)
    await expect(deleteRef(git, 'refs/knowngood/undo/x', first)).rejects.toBeInstanceOf(GitFailed)
    await deleteRef(git, 'refs/knowngood/undo/x', second)
    expect(await readRef(git, 'refs/knowngood/undo/x')).toBeNull()
  })

  test('names that people type are resolved as names only', async () => {
    const { git, sh, root } = repository()
    const head = sh('rev-parse', 'HEAD')
    sh('update-ref', `refs/tags/${hostile}`, 'HEAD')
    expect(await resolveCommit(git, head.slice(0, 8))).toBe(head)
    expect(await resolveCommit(git, hostile)).toBe(head)
    expect(await resolveCommit(git, '--all')).toBeNull()
    expect(await resolveCommit(git, 'no such thing')).toBeNull()
    expect(existsSync(join(root, 'pwn'))).toBe(false)
    expect(await isRefName(git, `refs/tags/${hostile}`)).toBe(true)
    expect(await isRefName(git, 'refs/tags/with space')).toBe(false)
  })
})

describe('commits and tags', () => {
  test('made of the same words are the same objects, whatever the operator signs with', async () => {
    const { git, sh, commit } = repository()
    sh('config', 'commit.gpgSign', 'true')
    sh('config', 'tag.gpgSign', 'true')
    sh('config', 'gpg.program', '/bin/false')
    sh('config', 'i18n.commitEncoding', 'ISO-8859-1')
    const first = sh('rev-parse', 'HEAD')
    sh('config', 'commit.gpgSign', 'false')
    const second = commit('Second')
    sh('config', 'commit.gpgSign', 'true')
    const spec = { tree: await treeOf(git, first), parents: [second], message: 'Roll back to First page ✓', by }
    const back = await commitTree(git, spec)
    expect(await commitTree(git, spec)).toBe(back)
    expect(await showFile(git, back, 'index.html')).toBe('<!-- BUILD_ID:dev -->\n')
    expect(await readCommit(git, back)).toEqual({
      oid: back,
      subject: 'Roll back to First page ✓',
      at: '2026-11-21T12:00:00+00:00',
      author: 'Ana',
    })

    const tag = {
      name: 'prod-2026-11-21',
      commit: back,
      message: 'Release\n\n# kept\n\n  Backup: quick-1',
      by: { ...by, name: 'A <n> a' },
    }
    const oid = await makeTagObject(git, tag)
    expect(await makeTagObject(git, tag)).toBe(oid)
    await updateRef(git, 'refs/tags/prod-2026-11-21', oid, null)
    expect((await readRefs(git, ['refs/tags']))[0]).toMatchObject({
      oid,
      commit: back,
      message: 'Release\n\n# kept\n\n  Backup: quick-1\n',
      by: 'A n a',
    })
  })

  test('are counted and listed', async () => {
    const { git, sh, commit } = repository()
    const first = sh('rev-parse', 'HEAD')
    commit('Second')
    const third = commit('Third: $(touch pwn) \u001b[31m')
    expect(await isAncestor(git, first, third)).toBe(true)
    expect(await isAncestor(git, third, first)).toBe(false)
    expect(await isAncestor(git, 'f'.repeat(40), first)).toBe(false)
    expect(await countApart(git, first, third)).toEqual({ left: 0, right: 2 })
    expect((await commitsBetween(git, first, third)).map(({ subject }) => subject)).toEqual([
      'Third: $(touch pwn) \u001b[31m',
      'Second',
    ])
    expect(await hasCommit(git, third)).toBe(true)
    expect(await hasCommit(git, 'f'.repeat(40))).toBe(false)
    expect(await readCommit(git, 'f'.repeat(40))).toBeNull()
    expect(await showFile(git, third, 'nope.json')).toBeNull()
    expect(await emptyTree(git)).toBe('4b825dc642cb6eb9a060e54bf8d69288fbee4904')
  })

  test('name their maker as git would, and somebody where git would not', async () => {
    const { git, sh } = repository()
    sh('config', 'user.name', 'Ben')
    sh('config', 'user.email', 'ben@mosaic.example')
    expect(await gitIdentity(git)).toEqual({ name: 'Ben', email: 'ben@mosaic.example' })
    sh('config', '--unset', 'user.email')
    sh('config', 'user.useConfigOnly', 'true')
    vi.stubEnv('HOME', '/nonexistent')
    vi.stubEnv('KNOWNGOOD_OPERATOR', 'cleo')
    expect((await gitIdentity(git)).email).toContain('@')
  })
})
