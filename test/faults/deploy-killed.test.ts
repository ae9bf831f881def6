import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { allSteps } from '../../src/core/plan.ts'
import type { Plan } from '../../src/core/plan.ts'
import { planDeploy } from '../../src/plans/deploy.ts'
import { planRollback } from '../../src/plans/rollback.ts'
import { COMPILED } from '../helpers/killed.ts'
import { production } from '../helpers/production.ts'
import type { Production } from '../helpers/production.ts'
import { sampled } from '../helpers/sampled.ts'

const program = join(import.meta.dirname, '..', 'fixtures', 'killed-run.ts')

type Kill = { when: 'before' | 'after'; what: string }

/** One process for each kill: the first starts the run, every other one resumes it, the last one is let live. */
async function throughAll(site: Production, plan: Plan, kills: Kill[]) {
  const file = join(site.demo.dir, 'plan.json')
  await writeFile(file, JSON.stringify(plan))
  const survived: string[] = []
  for (const [index, kill] of [...kills, null].entries()) {
    const words = [site.demo.root, file, index === 0 ? 'run' : 'resume', kill?.when ?? 'never', kill?.what ?? '']
    const child = await new Promise<{ signal: string | null; out: string; err: string }>((resolve) => {
      import('node:child_process').then(
        ({ execFile }) => {
          const process = execFile(
            'node',
            [program, ...words],
            { env: { ...site.demo.env, ...COMPILED } },
            (_, out, err) => resolve({ signal: process.signalCode, out, err }),
          )
        },
        () => undefined,
      )
    })
    if (kill === null)
      return {
        ...(JSON.parse(child.out || '{}') as { exit?: number; owed?: string[]; error?: string | null }),
        survived,
        err: child.err,
      }
    if (child.signal !== 'SIGKILL') survived.push(`${kill.when} ${kill.what}: ${child.out}${child.err}`)
    if (child.signal !== 'SIGKILL' && child.err !== '') throw new Error(survived.join('\n'))
  }
  throw new Error('unreachable')
}

function kills(plan: Plan, when: Kill['when']): Kill[] {
  const steps = allSteps({ ...plan, always: [] })
  if (when === 'before') return steps.map((step) => ({ when, what: step.id }))
  return steps.flatMap((step) =>
    step.actions.flatMap((action) => (action.do === 'call' ? [{ when, what: action.name }] : [])),
  )
}

test.each(['before', 'after'] as const)(
  'a deploy killed %s every step, one after the other, ends certified',
  { timeout: 120_000 },
  async (when) => {
    const site = await production()
    await site.ready()
    const plan = planDeploy(site.project, await site.facts(), { type: 'release' }, site.decided('deploy'))
    expect(plan.holds).toEqual([])
    const result = await throughAll(site, plan, sampled(kills(plan, when)))
    expect(result).toMatchObject({ exit: 0, owed: [], error: null, survived: [] })
    const next = await site.sh('rev-parse', 'main')
    const remote = await site.sh('ls-remote', 'origin')
    expect(remote).toContain(`${next}\trefs/heads/prod-current`)
    expect(remote).toContain(`${next}\trefs/tags/${plan.names['tag']}^{}`)
    expect(remote).not.toContain('refs/knowngood/lock')
    const after = await site.facts()
    expect(after.releases).toMatchObject({ value: [{ outcome: 'certified' }] })
    expect(after.logs.ok ? after.logs.value.filter((log) => log.run === plan.names['run']) : []).toHaveLength(1)
    expect(after.live).toMatchObject({ value: { matches: next } })
    expect(await site.sh('status', '--porcelain', '--untracked-files=no')).toBe('')
  },
)

test.each([
  ['before', 'revert'],
  ['after', 'revert'],
  ['before', 'reset'],
  ['after', 'reset'],
] as const)(
  'a rollback killed %s every step, by %s, ends with the old tree live',
  { timeout: 120_000 },
  async (when, by) => {
    const site = await production()
    await site.ready()
    const first = await site.execute(
      planDeploy(site.project, await site.facts(), { type: 'release' }, site.decided('deploy')),
    )
    expect(first.exit).toBe(0)
    const facts = await site.facts()
    const to = facts.git.ok ? facts.git.value.tags.filter((tag) => tag.name.startsWith('prod-'))[1] : undefined
    const plan = planRollback(
      site.project,
      facts,
      { to: to?.name ?? '', by, acceptSchema: true, reason: 'a test' },
      site.decided('rollback'),
    )
    expect(plan.holds).toEqual([])
    const result = await throughAll(site, plan, sampled(kills(plan, when)))
    expect(result).toMatchObject({ exit: 0, owed: [], error: null, survived: [] })
    const kept = await site.sh('ls-remote', 'origin', `refs/knowngood/undo/${plan.names['run']}`)
    expect(kept.slice(0, 40)).toBe(by === 'reset' ? first.gives['certify']?.['commit'] : '')
    const after = await site.facts()
    const current = after.git.ok ? after.git.value.current : null
    expect(after.live).toMatchObject({ value: { matches: current } })
    expect(await site.sh('rev-parse', `${current}^{tree}`)).toBe(await site.sh('rev-parse', `${to?.commit}^{tree}`))
    expect(await site.sh('ls-remote', 'origin', 'refs/knowngood/lock')).toBe('')
  },
)
