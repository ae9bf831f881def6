import { UserError, held } from '../core/failure.ts'
import type { Gate, GateItem, GateState } from '../core/facts.ts'
import { gateAt, gateItem, withNewVerdict } from '../core/gate.ts'
import type { Verdict } from '../core/gate.ts'
import { short } from '../core/naming.ts'
import { confirmationName } from '../core/project.ts'
import type { Project } from '../core/project.ts'
import { clean } from '../core/text.ts'
import { appendAudit } from '../records/audit-log.ts'
import { keepEvidence } from '../records/evidence.ts'
import { changeGate } from '../records/gate.ts'
import { now } from '../world/clock.ts'
import { host } from '../world/identity.ts'
import { mask } from '../world/secrets.ts'
import { closeGate } from './gate-close.ts'

export type GateActor = { operator: string; signal?: AbortSignal }

/** Passes a confirmation, with what shows that it holds: paths and URLs. Without any only where evidence is optional. */
export async function confirmGate(
  project: Project,
  commit: string,
  id: string,
  evidence: readonly string[],
  actor: GateActor,
): Promise<Gate> {
  const item = itemOf(project, id)
  if (item.kind === 'check')
    throw held(`${id} is a check`, 'only running it can pass it', ['Run the checks: knowngood gate'])
  const given = evidence.map((source) => source.trim()).filter((source) => source !== '')
  if (given.length === 0 && item.evidenceRule !== 'optional') {
    const wants = item.evidenceRule === 'visual' ? 'an image, a video or a URL' : 'a file or a URL'
    throw held(`${id} needs evidence`, `it wants ${wants}`, [`knowngood gate confirm ${id} --evidence PATH|URL`])
  }
  const { signal } = actor
  const place = {
    root: project.root,
    dir: project.evidence.dir,
    commit,
    item: id,
    visual: item.evidenceRule === 'visual',
    signal,
  }
  const kept = await keepEvidence(place, given)
  return record(project, commit, { ...blankVerdict(project, id, actor), state: 'pass', evidence: kept }, actor)
}

/** Says that an item does not hold, and why. The gate is failed until it is confirmed or waived. */
export async function failGate(
  project: Project,
  commit: string,
  id: string,
  reason: string,
  actor: GateActor,
): Promise<Gate> {
  itemOf(project, id)
  const why = needed(reason, `Why does ${id} fail?`, '--reason')
  return record(project, commit, { ...blankVerdict(project, id, actor), state: 'fail', reason: why }, actor)
}

/** Goes on without an item: a written deviation with its reason, its approver and the typed `<project>-<environment>`. */
export async function waiveGate(
  project: Project,
  commit: string,
  id: string,
  waiver: { reason: string; approvedBy: string; typed: string },
  actor: GateActor,
): Promise<Gate> {
  itemOf(project, id)
  const reason = needed(waiver.reason, `Why may ${id} be waived?`, '--reason')
  const approvedBy = needed(waiver.approvedBy, `Who approved waiving ${id}?`, '--approved-by')
  const { approvers } = project.gate
  if (approvers.length > 0 && !approvers.includes(approvedBy)) {
    throw held(`${approvedBy} may not approve a waiver`, `gate.approvers are ${approvers.join(', ')}`, [
      'Ask one of them, then name them with --approved-by.',
    ])
  }
  const name = confirmationName(project)
  if (waiver.typed !== name)
    throw held(`That says ${clean(waiver.typed)}; the name is ${name}`, 'it must match exactly', [`--confirm=${name}`])
  return record(project, commit, { ...blankVerdict(project, id, actor), state: 'waived', reason, approvedBy }, actor)
}

/**
 * Adds a verdict: its audit line first, then the gate. Without the line there is no verdict.
 * When it is the one that opens the gate, the closing line follows.
 */
export async function record(project: Project, commit: string, verdict: Verdict, actor: GateActor): Promise<Gate> {
  await appendAudit(project.root, {
    actor: actor.operator,
    host: host(),
    run: null,
    event: 'gate',
    outcome: verdict.state,
    subject: `${verdict.id} @ ${short(commit)}`,
    detail: {
      commit,
      item: verdict.id,
      reason: verdict.reason,
      approvedBy: verdict.approvedBy,
      evidence: verdict.evidence.map(({ from, sha256 }) => ({ from, sha256 })),
    },
  })
  let was = 'not run' as GateState
  const file = await changeGate(project.root, commit, (old) => {
    was = gateAt(project.gate, old, now()).state
    return withNewVerdict(project.gate, old, verdict)
  })
  const gate = gateAt(project.gate, file, now())
  if (gate.state === 'passed' && was !== 'passed') await closeGate(project, gate, actor.operator)
  return gate
}

/** A verdict yet to be given: who, when and on what. */
export function blankVerdict(project: Project, id: string, actor: GateActor): Omit<Verdict, 'state'> {
  const of = gateItem(project.gate, id)?.of ?? ''
  const nothing = { evidence: [], ms: null, output: [], reason: null, approvedBy: null }
  return { id, of, at: now().toISOString(), by: actor.operator, ...nothing }
}

/** Throws where the gate has no such item. */
export function refuseUnknownItem(project: Project, id: string): void {
  itemOf(project, id)
}

function itemOf(project: Project, id: string): GateItem {
  const found = gateItem(project.gate, id)
  if (found) return found.blank
  const known = [...project.gate.checks, ...project.gate.confirmations].map((item) => item.id)
  throw new UserError(`The gate has no item "${id}"`, known.length > 0 ? `it has ${known.join(', ')}` : 'it has none', [
    'knowngood gate lists them.',
  ])
}

function needed(text: string, question: string, flag: string): string {
  const said = mask(text.trim())
  if (said === '') throw held(question, 'nothing was said', [`${flag} "…"`])
  return said
}
