import { onTestFinished } from 'vitest'
import { runGateChecks } from '../../src/calls/gate-checks.ts'
import { calls } from '../../src/calls/registry.ts'
import { loadProject } from '../../src/config/load.ts'
import type { Facts } from '../../src/core/facts.ts'
import type { Plan } from '../../src/core/plan.ts'
import type { Project } from '../../src/core/project.ts'
import { makeDemo } from '../../src/demo/demo.ts'
import type { Demo } from '../../src/demo/demo.ts'
import { git } from '../../src/demo/git.ts'
import { observe } from '../../src/facts/observe.ts'
import type { Decided } from '../../src/plans/decided.ts'
import { planBackupQuick } from '../../src/plans/backup-quick.ts'
import { executePlan } from '../../src/run/execute.ts'
import type { RunResult } from '../../src/run/execute.ts'
import { decidedNow } from './decided.ts'

/** The demo's production with a gate that asks nothing of a person, as tests drive it. */
export type Production = {
  demo: Demo
  project: Project
  sh(...args: string[]): Promise<string>
  facts(): Promise<Facts>
  decided(op: string): Decided
  execute(plan: Plan): Promise<RunResult>
  /** A backup of this session and a passed gate for what is next. */
  ready(): Promise<void>
}

export async function production(change: (project: Project) => Project = (project) => project): Promise<Production> {
  const demo = await makeDemo()
  onTestFinished(() => demo.stop())
  const loaded = await loadProject(demo.root)
  const project = change({
    ...loaded,
    gate: { ...loaded.gate, checks: [], confirmations: [] },
    verify: { ...loaded.verify, timeoutMs: 3_000 },
  })
  const facts = () => observe(project, { remote: true, live: true, operator: 'ana' })
  const execute = (plan: Plan) =>
    executePlan({ root: demo.root, plan, answers: { reason: 'a test' }, calls, by: 'ana' })
  return {
    demo,
    project,
    facts,
    execute,
    decided: decidedNow,
    sh: (...args) => git(demo.root, demo.env, args),
    async ready() {
      const plan = planBackupQuick(project, await facts(), {}, decidedNow('backup'))
      await execute(plan)
      const next = await git(demo.root, demo.env, ['rev-parse', 'main'])
      await runGateChecks(project, next, {
        onChange: () => undefined,
        signal: new AbortController().signal,
        operator: 'ana',
      })
    },
  }
}
