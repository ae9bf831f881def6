import { expect, test } from 'vitest'
import { adopted } from '../helpers/adopted.ts'

/** Looks at production, and the first time takes the deploy lock away meanwhile, as another operator would. */
const LOOK = 'test -e taken || { touch taken; git push --quiet origin :refs/knowngood/lock; }'
const FILES = {
  'index.html': '<!doctype html><title>Site</title><!-- BUILD_ID:none -->\n',
  '.gitignore': 'taken\n.knowngood/\nbackups/\ndeploy_logs/\n.verification_audit.log\n',
  'knowngood.yaml': `project: site\nverify: { reads: 1, checks: [{ run: ["sh", "-c", "${LOOK}"] }] }\n`,
}

test('a deploy whose lock was taken away says that its release is live, and what certifies it', async () => {
  const { kg, sh } = await adopted({ name: 'site', page: 'index.html', files: FILES })
  for (const args of [['backup', 'quick'], ['gate']]) expect(await kg(args)).toMatchObject({ exit: 0 })
  const lost = await kg(['deploy', '--yes'])
  expect([lost.exit, lost.out]).toEqual([
    5,
    expect.stringMatching(/stopped at Certify: The shared lock is no longer ours/),
  ])
  expect(lost.out).toContain('The release is live, and not certified: knowngood deploy certifies it')
  expect(await sh('ls-remote', '--tags', 'origin')).toBe('')
  expect(await kg(['deploy', '--yes'])).toMatchObject({ exit: 0 })
  expect(await sh('ls-remote', '--tags', 'origin')).toMatch(/refs\/tags\/prod-/)
})
