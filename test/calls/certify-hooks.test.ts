import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { planDeploy } from '../../src/plans/deploy.ts'
import { production } from '../helpers/production.ts'

test(
  'a pre-push hook has its say over the branch, and none over the tag of what is live',
  { timeout: 60_000 },
  async () => {
    const { demo, project, facts, decided, execute, ready, sh } = await production()
    await ready()
    const hook = join(demo.root, '.git', 'hooks', 'pre-push')
    await mkdir(join(hook, '..'), { recursive: true })
    const log = join(demo.dir, 'hook.log')
    await writeFile(hook, `#!/bin/sh\ntee -a '${log}' | grep -q refs/tags && exit 1\nexit 0\n`)
    await chmod(hook, 0o755)
    const plan = planDeploy(project, await facts(), { type: 'release' }, decided('deploy'))
    expect(await execute(plan)).toMatchObject({ exit: 0, owed: [] })
    expect(await sh('ls-remote', 'origin', `refs/tags/${plan.names['tag']}`)).not.toBe('')
    const asked = await readFile(log, 'utf8')
    expect(asked).toContain('refs/heads/main')
    expect(asked).not.toMatch(/refs\/tags|prod-current/)
  },
)
