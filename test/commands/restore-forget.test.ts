import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { keptToForget } from '../../src/commands/restore-kept.ts'
import { planRestoreForget } from '../../src/plans/restore-forget.ts'
import { decidedNow } from '../helpers/decided.ts'
import { runKilled } from '../helpers/killed.ts'
import { restorable } from '../helpers/restorable.ts'

const CONFIRMED = ['--confirm=mosaic-production', '--reason', 'enough room no more']

/** A production that was restored once, and the run that did it. */
async function restored() {
  const site = await restorable()
  const id = await site.backup('set', { name: 'before' })
  site.change()
  const done = await site.kg('restore', id, ...CONFIRMED, '--json')
  expect(done.exit, done.err).toBe(0)
  const run = String(done.json['run'])
  const kept = { uploads: join(site.root, `uploads.before-${run}`), folder: join(site.root, '.knowngood/undo', run) }
  return { ...site, run, kept }
}

describe('knowngood restore --forget', () => {
  test('removes what a restore kept, when it is confirmed like one; doctor and status name it until then', async () => {
    const { kg, root, run, kept, users, upload } = await restored()
    const named = `knowngood restore --forget ${run}`
    for (const command of ['status', 'doctor']) {
      const said = (await kg(command)).out
      expect(said, command).toContain(`uploads.before-${run}`)
      expect(said, command).toMatch(/database, uploads\.before-\S+ of .*, \S+ k?B of files: /)
      expect(said, command).toContain(named)
    }
    const dry = await kg('restore', '--forget', run, '--dry-run')
    expect(dry.exit).toBe(0)
    expect(dry.out).toContain(`rm -rf -- uploads.before-${run}`)
    expect(dry.out).toContain(`rm -rf -- .knowngood/undo/${run}`)
    for (const flags of [[], ['--yes'], ['--yes', '--confirm=mosaic'], ['--confirm=mosaic-production']])
      expect((await kg('restore', '--forget', run, ...flags)).exit).toBe(2)
    expect([existsSync(kept.uploads), existsSync(kept.folder)]).toEqual([true, true])

    const done = await kg('restore', '--forget', run, ...CONFIRMED, '--json')
    expect(done.json).toMatchObject({
      success: true,
      forgotten: run,
      removed: [`uploads.before-${run}`, `.knowngood/undo/${run}`],
    })
    expect([existsSync(kept.uploads), existsSync(kept.folder)]).toEqual([false, false])
    expect([users(), upload()]).toEqual([['ana', 'ben'], 'first'])
    expect((await kg('audit')).out).toContain(`No longer kept: ${run}`)
    for (const command of ['status', 'doctor']) expect((await kg(command)).out).not.toContain(named)

    const again = await kg('restore', '--forget', run, '--json')
    expect(again).toMatchObject({ exit: 0, json: { forgotten: run, removed: [] } })
    const back = await kg('restore', '--undo', run, ...CONFIRMED)
    expect(back.exit).toBe(3)
    expect(back.err).toContain('was removed by restore --forget')
    expect(readdirSync(join(root, 'backups')).some((name) => name.startsWith('pre-restore-'))).toBe(true)
  })

  test('after a swap back removes what that kept and no more; a link in it is not followed', async () => {
    const { kg, root, run, kept, users, upload } = await restored()
    const [backup = ''] = readdirSync(join(root, '.knowngood/runs')).filter((name) => name.startsWith('backup-'))
    expect((await kg('restore', '--forget', backup)).err).toContain('is no restore')
    expect((await kg('restore', 'before', '--forget', run)).err).toContain('--forget takes a run and nothing else')

    const back = await kg('restore', '--undo', run, ...CONFIRMED, '--json')
    const second = String(back.json['run'])
    expect(existsSync(kept.uploads)).toBe(false)
    mkdirSync(join(root, 'elsewhere'))
    writeFileSync(join(root, 'elsewhere/mine'), 'mine')
    symlinkSync(join(root, 'elsewhere'), join(root, `uploads.before-${second}/link`))
    for (const one of [second, run]) expect((await kg('restore', '--forget', one, ...CONFIRMED)).exit).toBe(0)
    expect(readdirSync(root).filter((name) => name.includes('.before-'))).toEqual([])
    expect(readdirSync(join(root, '.knowngood/undo'))).toEqual([])
    expect(readFileSync(join(root, 'elsewhere/mine'), 'utf8')).toBe('mine')
    expect([users(), upload()]).toEqual([['ana', 'ben', 'eve'], 'second'])
  })

  test.each(['abandon', 'undo', 'resume'] as const)(
    'fault 4: killed half way and settled by %s says what is gone; a swap back is held before anything is stopped',
    async (how) => {
      const site = await restored()
      const { kg, root, run, kept, users, upload } = site
      const { of, kept: swaps, folder } = await keptToForget(root, run)
      const request = { forget: run, of, kept: swaps, folder, reason: 'a test' }
      const plan = planRestoreForget(await site.project(), await site.facts(), request, decidedNow('restore'))
      const killed = await runKilled(root, plan, 'run', { when: 'acted', step: 'forget.uploads' })
      expect(killed.killed).toBe(true)
      expect([existsSync(kept.uploads), existsSync(kept.folder)]).toEqual([false, true])
      const forget = plan.names['run'] ?? ''
      const words = { abandon: ['abandon', forget], undo: ['resume', forget, '--undo'], resume: ['resume', forget] }[
        how
      ]
      const settled = await kg(...words, '--yes')
      expect(settled.exit).toBe(0)
      const says = { abandon: 'left as it is', undo: 'had removed stays removed', resume: 'finished' }[how]
      expect(settled.out).toContain(says)

      const back = await kg('restore', '--undo', run, ...CONFIRMED)
      expect(back.exit).toBe(3)
      expect(back.err + back.out).toMatch(
        how === 'resume' ? /was removed by restore --forget/ : /of what it kept uploads\.before-\S+ is gone/,
      )
      expect(site.asked()).toEqual(['stop', 'start', 'status'])
      expect([users(), upload()]).toEqual([['ana', 'ben'], 'first'])
      expect((await kg('resume')).out).toContain('No run was interrupted')
      expect((await kg('restore', '--forget', run, ...CONFIRMED)).exit).toBe(0)
      expect(existsSync(kept.folder)).toBe(false)
    },
  )
})
