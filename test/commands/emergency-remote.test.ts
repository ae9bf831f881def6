import { existsSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { releasedAndCut, serving } from '../helpers/released.ts'
import type { Repository } from '../helpers/repository.ts'
import type { Restorable } from '../helpers/restorable.ts'

const CONFIRMED = ['--confirm=mosaic-production', '--reason', 'the remote is gone too'] as const

serving()

const page = (site: Restorable) => readFileSync(join(site.root, 'live/index.html'), 'utf8')

/** A history that was cut: neither a ref nor an object leads to anything before `last`. */
function loseHistory({ sh }: Repository, last: string): void {
  const orphan = sh('commit-tree', sh('rev-parse', `${last}^{tree}`), '-m', 'Cut')
  for (const ref of ['refs/heads/main', 'refs/remotes/origin/main', 'refs/remotes/origin/prod-current'])
    sh('update-ref', ref, orphan)
  for (const ref of sh('for-each-ref', '--format=%(refname)').split('\n'))
    if (sh('rev-parse', ref) !== orphan) sh('update-ref', '-d', ref)
  sh('reflog', 'expire', '--expire=now', '--all')
  sh('gc', '--quiet', '--prune=now')
}

describe('break glass with a remote that is gone, and other code live', { timeout: 120_000 }, () => {
  it('brings the code back where a host of its own takes it, out of the baseline, and says what the remote is owed', async () => {
    const { site, good, bad } = await releasedAndCut('{ use: command, run: ["./publish"] }')
    loseHistory(site.repo, bad)
    expect(() => site.repo.sh('cat-file', '-e', good)).toThrow()
    const { exit, out, err } = await site.kg('emergency', ...CONFIRMED)
    expect([exit, err]).toEqual([0, expect.anything()])
    expect([site.users(), site.upload()]).toEqual([['ana', 'ben'], 'first'])
    expect(page(site)).toContain(`<h1>Good</h1>\n<!-- BUILD_ID: ${good} -->`)
    expect(out).toContain('still owed: Move prod-current')
    expect(out).toContain(`${good}:refs/heads/prod-current`)
  })

  it('where the remote is the host, the data is restored and stays, and the push that is owed is printed', async () => {
    const { site } = await releasedAndCut('{ use: git-push }')
    const { exit, out, err } = await site.kg('emergency', ...CONFIRMED)
    expect([exit, out + err]).toEqual([5, expect.stringContaining('The data is restored and stays; the code is not.')])
    expect([site.users(), site.upload()]).toEqual([['ana', 'ben'], 'first'])
    expect(existsSync(join(site.root, 'service.up'))).toBe(true)
    const line = /\$ (git push .*:refs\/heads\/main)$/m.exec(out)?.[1] ?? ''
    // Once the remote answers again, that very line brings the code back.
    renameSync(join(site.root, '../away.git'), join(site.root, '../origin.git'))
    site.repo.sh(...line.split(' ').slice(1))
    expect(site.repo.sh('show', 'origin/main:index.html')).toContain('Good')
  })
})
