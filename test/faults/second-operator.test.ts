import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { messageOf } from '../../src/core/failure.ts'
import { restorable } from '../helpers/restorable.ts'
import { temporaryFolder } from '../helpers/temp.ts'
import { run as lockRelease } from '../../src/commands/lock-release.ts'
import { planDeploy } from '../../src/plans/deploy.ts'
import { openGit } from '../../src/world/git.ts'
import { acquireSharedLock, readSharedLock, releaseSharedLock, renewSharedLock } from '../../src/world/git-lock.ts'
import { ownMark } from '../../src/world/identity.ts'
import { headless } from '../helpers/context.ts'
import { runKilled } from '../helpers/killed.ts'
import { production } from '../helpers/production.ts'

test(
  'fault 4: a killed deploy keeps the lock until somebody else takes it over with a reason; its resume is held while it is theirs',
  { timeout: 60_000 },
  async () => {
    const site = await production()
    await site.ready()
    const before = await site.sh('rev-parse', 'origin/main')
    const plan = planDeploy(site.project, await site.facts(), { type: 'release' }, site.decided('deploy'))
    const killed = await runKilled(
      site.demo.root,
      plan,
      'run',
      { when: 'acted', step: 'target.git-push' },
      site.demo.env,
    )
    expect(killed).toMatchObject({ killed: true })

    // Ben, in a clone of his own: refused, then he takes it over.
    const other = join(site.demo.dir, 'ben')
    await site.sh('clone', '--quiet', site.demo.remote, other)
    const git = openGit(other)
    const at = new Date().toISOString()
    const holder = { op: 'rollback', run: 'rollback-ben', operator: 'ben', host: 'his', ...ownMark() }
    const ask = () =>
      acquireSharedLock(git, 'origin', { ...holder, reason: 'it hangs', at, heartbeat: at, oid: null }, 'n-ben')
    expect(await ask()).toMatchObject({ won: false, held: { holder: { operator: 'ana', run: plan.names['run'] } } })
    const hers = headless(other, { operator: 'ben', project: async () => ({ ...site.project, root: other }) })
    await expect(lockRelease(hers, [], { confirm: 'mosaic-production' })).rejects.toMatchObject({ exit: 2 })
    await lockRelease(hers, [], { confirm: 'mosaic-production', reason: 'her laptop died' })
    expect(await ask()).toMatchObject({ won: true })

    const pushed = await site.sh('ls-remote', 'origin')
    for (const how of ['resume', 'undo'] as const) {
      const refused = await runKilled(site.demo.root, plan, how, null, site.demo.env)
      expect(refused.exit, how).toBeUndefined()
      expect(refused.err, how).toMatch(/lock.*ben|cannot (go on|be undone)/s)
      expect(await site.sh('ls-remote', 'origin'), how).toBe(pushed)
    }
    expect(await readSharedLock(git, 'origin')).toMatchObject({ nonce: 'n-ben' })

    // He gives it back: what was refused has turned nothing around.
    await releaseSharedLock(git, 'origin', 'n-ben')
    const again = await runKilled(site.demo.root, plan, 'resume', { when: 'before', step: 'certify' }, site.demo.env)
    expect(again, `${again.error} ${again.err}`).toMatchObject({ killed: true })
    await lockRelease(hers, [], { confirm: 'mosaic-production', reason: 'and again' })
    const undone = await runKilled(site.demo.root, plan, 'undo', null, site.demo.env)
    expect(undone, `${undone.error} ${undone.err}`).toMatchObject({ exit: 0, outcome: 'undone', owed: [] })
    expect(await site.sh('ls-remote', 'origin', 'refs/heads/main')).toContain(before)
    expect((await site.facts()).live).toMatchObject({ value: { matches: before } })
    expect(await readSharedLock(git, 'origin')).toBeNull()
  },
)

test(
  'fault 34: break glass takes the lock of another clone that keeps beating, which finds out; two at once are one after the other',
  { timeout: 60_000 },
  async () => {
    const site = await restorable()
    await site.backup('baseline', { name: 'immaculate-1' })
    site.change()
    const other = join(temporaryFolder(), 'other')
    site.repo.sh('clone', '--quiet', site.repo.sh('remote', 'get-url', 'origin').trim(), other)
    const git = openGit(other)
    const at = new Date().toISOString()
    const holder = { op: 'deploy', run: 'deploy-x', operator: 'ben', host: 'far', ...ownMark() }
    const told = { ...holder, reason: 'a release', at, heartbeat: at, oid: null }
    expect(await acquireSharedLock(git, 'origin', told, 'theirs')).toMatchObject({ won: true })
    const beating = async (): Promise<string> => {
      for (;;) {
        const lost = await renewSharedLock(git, 'origin', 'theirs', new Date().toISOString()).catch(messageOf)
        if (!/^[0-9a-f]{40}$/.test(lost)) return lost
        await sleep(250)
      }
    }
    const glass = ['emergency', '--confirm=mosaic-production', '--reason', 'night']
    const [lost, ...ends] = await Promise.all([beating(), site.kg(...glass), site.kg(...glass)])
    expect(lost).toContain('The shared lock is no longer ours')
    // Whoever came first is asked to stop, and puts back what it did before the other begins, or was through already.
    expect(ends.map(({ exit }) => exit)).toContain(0)
    expect([0, 130]).toEqual(expect.arrayContaining(ends.map(({ exit }) => exit)))
    const stopped = ends.filter(({ exit }) => exit === 130).map(({ out, err }) => out + err)
    for (const said of stopped)
      expect(said).toMatch(/was stopped, as asked\n(?:.*\n)*Everything was put back as it was/)
    expect(ends.map(({ err }) => err).join()).toContain('taking the lock of ben@far, run deploy-x')
    expect([site.users(), site.upload()]).toEqual([['ana', 'ben'], 'first'])
    expect(site.asked().findLast((word) => word !== 'status')).toBe('start')
    expect((await site.facts()).lock).toMatchObject({ local: { value: null }, shared: { value: null } })
    expect((await site.kg('resume')).out).toContain('No run was interrupted')
  },
)
