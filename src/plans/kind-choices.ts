import type { KindChoice } from '../core/deck.ts'
import type { Facts } from '../core/facts.ts'
import { kindFlaw, sourcesOfKind } from '../core/kind-sources.ts'
import { KINDS } from '../core/kinds.ts'
import { valueOr } from '../core/known.ts'
import type { Project } from '../core/project.ts'
import { namedSources } from './named-sources.ts'

/** What an operator may make here, in the order it is offered. A kind that cannot be made at all is not offered. */
export function kindChoices(project: Project, facts: Facts): KindChoice[] {
  const all = namedSources(project)
  return Object.values(KINDS).flatMap((spec) => {
    if (!spec.asked || kindFlaw(project, spec.kind, all) !== null) return []
    const sources = sourcesOfKind(project, spec.kind, all).map(({ name }) => name)
    const made = valueOr(facts.backups, []).filter((one) => one.kind === spec.kind && one.state === 'ok')
    // Other tools do not write down how long they took: the last one that was timed says it.
    const timed = made.find(({ ms }) => ms !== undefined)
    const expect = { ms: timed?.ms ?? null, bytes: (timed ?? made[0])?.bytes ?? null }
    return [{ spec, sources, off: offNow(project, facts, spec.kind), expect }]
  })
}

/** Why a kind that exists here cannot be made at this moment. */
function offNow(project: Project, facts: Facts, kind: string): string | null {
  if (kind === 'bundle') {
    if (project.version.file === null) return 'nothing says the version: version.file'
    return facts.git.ok && facts.git.value.next === null ? 'there is no commit yet' : null
  }
  if (!facts.git.ok) return facts.git.because
  return null
}
