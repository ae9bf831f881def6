import { baselinesOf, chooseBaseline, isWhole } from '../../core/baseline.ts'
import type { GlassChoice } from '../../core/deck.ts'
import type { Facts } from '../../core/facts.ts'
import { valueOr } from '../../core/known.ts'
import type { Project } from '../../core/project.ts'
import { fitting } from '../../plans/fitting.ts'
import { restorable } from '../../plans/restore-candidates.ts'
import { lastRehearsals } from '../../records/rehearsals.ts'

/** The baselines break glass can be done with: the configured one first, then the others, newest first. */
export async function glassChoices(project: Project, facts: Facts): Promise<GlassChoice[]> {
  const backups = valueOr(facts.backups, [])
  const first = chooseBaseline(backups, project.emergency.baseline)
  const rehearsed = await lastRehearsals(project.root)
  const all = baselinesOf(backups).filter(isWhole)
  const order = first === null ? all : [first, ...all.filter((one) => one !== first)]
  return order.map((baseline) => {
    const seen = rehearsed.get(baseline.id)
    const sources = restorable(fitting(project, baseline).fits).map(({ name }) => name)
    return { baseline, sources, takesMs: seen?.digest === baseline.digest ? seen.ms : null }
  })
}
