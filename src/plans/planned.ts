import type { Plan } from '../core/plan.ts'
import type { Decided } from './decided.ts'

type Said = 'op' | 'title' | 'request' | 'holds' | 'audit' | 'locks' | 'steps'
type Unsaid = 'names' | 'basis' | 'warnings' | 'asks' | 'loses' | 'certifiedBy' | 'always'

/** A plan of this version and this run; what is left out is nothing. */
export function planned(decided: Decided, of: Pick<Plan, Said> & Partial<Pick<Plan, Unsaid>>): Plan {
  return {
    schema: 1,
    op: of.op,
    tool: decided.tool,
    title: of.title,
    request: of.request,
    names: { run: decided.run, ...of.names },
    basis: of.basis ?? {},
    holds: of.holds,
    warnings: of.warnings ?? [],
    asks: of.asks ?? [],
    loses: of.loses ?? [],
    certifiedBy: of.certifiedBy ?? null,
    audit: of.audit,
    locks: of.locks,
    steps: of.steps,
    always: of.always ?? [],
  }
}
