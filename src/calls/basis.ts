import { join } from 'node:path'
import { held } from '../core/failure.ts'
import { uncertified } from '../core/gate.ts'
import type { CallRegistry, Io } from '../core/plan.ts'
import type { Project } from '../core/project.ts'
import { readGate } from '../records/gate.ts'
import { now } from '../world/clock.ts'
import { readText, writeWhole } from '../world/files.ts'
import { openGit } from '../world/git.ts'
import { readRef } from '../world/git-refs.ts'
import { readRemoteRefs } from '../world/git-remote.ts'

/** What was reviewed: full ref names and where they stood (null: not there), here and on the remote. */
export type Basis = {
  remote: string | null
  here: Record<string, string | null>
  there: Record<string, string | null>
  /** The gate that must still be passed; `after`: of a release that is live, which is to be certified. Null: none is needed. */
  gate: {
    commit: string
    rules: Pick<Project['gate'], 'checks' | 'confirmations' | 'validMs'>
    after?: boolean
  } | null
}

/** Looks again, under the lock, at what the review was based on. */
export const basisCalls = {
  'basis.check': async (basis: Basis, io: Io) => {
    const git = openGit(io.root)
    const differs: string[] = []
    for (const [ref, oid] of Object.entries(basis.here)) {
      const stands = await readRef(git, ref)
      if (stands !== oid) differs.push(moved(ref, oid, stands))
    }
    if (basis.remote !== null) {
      const there = await readRemoteRefs(git, basis.remote, Object.keys(basis.there), { signal: io.signal })
      for (const [ref, oid] of Object.entries(basis.there)) {
        const stands = there.get(ref) ?? null
        if (stands !== oid) differs.push(`${basis.remote}: ${moved(ref, oid, stands)}`)
      }
    }
    if (basis.gate !== null) differs.push(...(await gateNow(basis.gate, io)))
    if (differs.length === 0) {
      await writeWhole(marker(io), now().toISOString())
      return {}
    }
    throw held('Something changed since this was reviewed', differs.join('; '), [
      'git fetch, look at what came, and review again.',
    ])
  },

  /** Once it held, the run's own steps change what was looked at: a resume must not take them for somebody else's. */
  'basis.probe': async (_: Basis, io: Io) => {
    const at = await readText(marker(io))
    return at === null ? { state: 'absent', saw: null } : { state: 'done', saw: { at }, gives: {} }
  },
} satisfies CallRegistry

/** What the gate says now that it must not say; nothing where all is well. */
async function gateNow({ commit, rules, after }: NonNullable<Basis['gate']>, io: Io): Promise<string[]> {
  const gate = await readGate({ root: io.root, gate: rules as Project['gate'] }, commit, now())
  if (after === true) return uncertified(gate).map(({ title, state }) => `${title}: ${state}`)
  return gate.state === 'passed' ? [] : [`the gate is ${gate.state} now`]
}

const marker = (io: Io) => join(io.dir, 'basis')

function moved(ref: string, from: string | null, to: string | null): string {
  const name = (oid: string | null) => (oid === null ? 'not there' : `at ${oid.slice(0, 7)}`)
  return `${ref.replace(/^refs\/(heads|tags)\//, '')} was ${name(from)} and is ${name(to)}`
}
