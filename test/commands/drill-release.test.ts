import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { run as drillFull } from '../../src/commands/drill-full.ts'
import { readProofs } from '../../src/records/proofs.ts'
import { statePaths } from '../../src/core/paths.ts'
import { github, publishing } from '../helpers/publishing.ts'
import { leftovers } from '../helpers/restorable.ts'

const there = github()
const timeout = { timeout: 60_000 }

/** A published bundle, and a full drill whose smoke command reads what was put into the scratch place. */
async function published() {
  const made = publishing(there().tags)
  await made.bundle()
  await made.publish()
  const smoke = [['sh', '-c', `find "$KNOWNGOOD_SCRATCH" -name page.txt -exec cmp {} page.txt ';'`]]
  const drills = { ...made.project.drills, full: { ...made.project.drills.full, smoke, files: ['package.json'] } }
  const project = { ...made.project, drills }
  const drill = () => drillFull({ ...made.context, project: async () => project }, [], {})
  there().seen.splice(0)
  return { ...made, drill }
}

test(
  'a full drill fetches a published bundle from its GitHub Release, checks it and restores it in scratch',
  timeout,
  async () => {
    const { root, drill } = await published()
    const { exit, data } = await drill()
    expect([exit, data['passed']]).toEqual([0, true])
    expect(there().seen.filter((line) => /^GET .*\/releases\/assets\/\d+$/.test(line))).toHaveLength(3)
    expect(there().seen.filter((line) => !line.startsWith('GET '))).toEqual([])
    const log = readFileSync(join(root, String(data['log'])), 'utf8')
    expect(log).toMatch(
      /- \[x\] Fetch the bundle ana\/mosaic v1\.0\.1 .*\n {2}- `mosaic-v1\.0\.1-.*\.tar\.gz: [0-9a-f]{64}`/,
    )
    const proofs = [...(await readProofs(root)).values()].flat()
    expect(proofs.filter(({ rung, passed }) => rung === 'restored' && passed)).toHaveLength(1)
    expect(leftovers(root)).toEqual([])
    expect(existsSync(join(statePaths(root).run(String(data['run'])), 'fetched'))).toBe(false)
  },
)

test(
  'what the release serves is held to the lock file and SHA256SUMS, and a drill with other bytes fails',
  timeout,
  async () => {
    const { root, names, drill } = await published()
    there().trouble.spoil = names('.tar.gz')[0] ?? ''
    const { exit, data } = await drill()
    expect([exit, data['passed']]).toEqual([4, false])
    expect(readFileSync(join(root, String(data['log'])), 'utf8')).toMatch(
      /of the release is [0-9a-f]{64}, the lock file/,
    )
    // What lies here holds: only the copy elsewhere does not.
    expect([...(await readProofs(root)).values()].flat().filter(({ passed }) => !passed)).toEqual([])
    there().trouble.spoil = 'SHA256SUMS'
    expect(await drill()).toMatchObject({ exit: 4, data: { passed: false } })
  },
)

test('a release that is gone, or a GitHub that refuses, is no passed drill', timeout, async () => {
  const { drill, root } = await published()
  there().trouble.refuse = { status: 503, message: 'down for a while' }
  expect(await drill()).toMatchObject({ exit: 4, data: { passed: false } })
  there().trouble.refuse = null
  vi.stubEnv('GITHUB_TOKEN', 'ghp_expired')
  const refused = await drill()
  expect(refused.exit).toBe(3)
  expect(leftovers(root)).toEqual([])
})
