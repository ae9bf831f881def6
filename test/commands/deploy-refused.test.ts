import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { git } from '../../src/demo/git.ts'
import { operator } from '../helpers/operator.ts'

const MINUTES = 120_000

test('while one operator deploys, another clone is told who it is, or waits for it', { timeout: MINUTES }, async () => {
  const { kg, start, sh, demo, ready } = await operator()
  const clone = join(demo.dir, 'second')
  await sh('clone', '--quiet', demo.root, clone)
  await git(clone, demo.env, ['remote', 'set-url', 'origin', demo.remote])
  copyFileSync(join(demo.root, 'knowngood.yaml'), join(clone, 'knowngood.yaml'))
  const ben = { cwd: clone, env: { KNOWNGOOD_OPERATOR: 'ben' } }
  await ready()
  await ready(ben)
  const deploy = start(['deploy', '--yes'])
  while ((await sh('ls-remote', 'origin', 'refs/knowngood/lock')) === '') await sleep(20)
  const refused = await kg(['deploy', '--yes', '--json'], ben)
  expect(refused).toMatchObject({ exit: 6, json: { ok: false, error: { why: expect.stringContaining('ana@') } } })
  const waited = await kg(['deploy', '--yes', '--wait', '60s'], ben)
  expect((await deploy).exitCode).toBe(0)
  expect(waited.err).toContain('Waiting')
  expect(waited.exit).toBe(0)
})

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)('%s during a deploy ends with %i and everything put back', { timeout: MINUTES }, async (signal, exit) => {
  const { start, kg, sh, demo, ready } = await operator()
  await ready()
  const production = async () =>
    (await sh('ls-remote', 'origin')).split('\n').filter((line) => !line.includes('knowngood'))
  const before = await production()
  const deploy = start(['deploy', '--yes', '--json'])
  let said = ''
  const begun = new Promise<void>((resolve) => {
    deploy.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      if (said.includes('Verify live')) resolve()
    })
  })
  await Promise.race([begun, deploy])
  deploy.kill(signal)
  expect((await deploy).exitCode).toBe(exit)
  expect(await production()).toEqual(before)
  expect(await sh('ls-remote', 'origin', 'refs/knowngood/lock')).toBe('')
  expect((await sh('worktree', 'list')).split('\n')).toHaveLength(1)
  expect(readdirSync(join(demo.root, 'backups')).filter((name) => name.startsWith('deploy-'))).toEqual([])
  expect((await kg(['resume', '--json'])).json).toMatchObject({ runs: [] })
})

test(
  'fault 68: an audit log that was edited, cut or cannot be read holds a deploy, and says where',
  { timeout: MINUTES },
  async () => {
    const { kg, sh, demo, ready } = await operator()
    await ready()
    const before = await sh('ls-remote', 'origin')
    const log = join(demo.root, '.verification_audit.log')
    const whole = readFileSync(log, 'utf8')
    const cut = whole.trimEnd().split('\n').slice(0, -1).join('\n')
    for (const text of [whole.replace('"outcome":"pass"', '"outcome":"fail"'), `${cut}\n`]) {
      expect(text).not.toBe(whole)
      writeFileSync(log, text)
      const verdict = await kg(['audit', 'verify'])
      expect(verdict.exit).toBe(3)
      expect(verdict.out).toMatch(/breaks at line \d+/)
      expect(await kg(['deploy', '--yes', '--json'])).toMatchObject({ exit: 3 })
      expect((await kg(['resume', '--json'])).json).toMatchObject({ runs: [] })
    }
    rmSync(log)
    mkdirSync(log)
    for (const words of [
      ['audit', 'verify'],
      ['deploy', '--yes'],
    ])
      expect((await kg(words)).exit).toBe(3)
    expect(await sh('ls-remote', 'origin')).toBe(before)
    rmSync(log, { recursive: true })
    writeFileSync(log, whole)
    expect((await kg(['deploy', '--yes'])).exit).toBe(0)
  },
)
