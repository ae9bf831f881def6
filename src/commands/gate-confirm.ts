import { confirmGate, refuseUnknownItem } from '../calls/gate-verdict.ts'
import type { Gate } from '../core/facts.ts'
import { EXIT, wholeOrNot } from '../core/failure.ts'
import type { Project } from '../core/project.ts'
import { readGate } from '../records/gate.ts'
import type { Report, RunCommand } from './command.ts'
import type { Context } from './context.ts'
import { gateReport, gateSubject } from './gate.ts'

/** `knowngood gate confirm ID --evidence …`: passes a confirmation; the evidence is hashed and kept. */
export const run: RunCommand = async (context, [id = ''], options) => {
  const { project, commit } = await gateSubject(context)
  if (context.dryRun) return await wouldSay(context, project, commit, id, 'pass')
  const evidence = Array.isArray(options['evidence']) ? options['evidence'] : []
  return settled(() => confirmGate(project, commit, id, evidence, { operator: context.operator }))
}

/** What a verdict would be about; nothing is written down. */
export async function wouldSay(
  context: Context,
  project: Project,
  commit: string,
  id: string,
  state: string,
): Promise<Report> {
  refuseUnknownItem(project, id)
  const { lines, data } = gateReport(await readGate(project, commit, context.now()))
  return {
    exit: EXIT.done,
    data: { dryRun: true, ...data },
    lines: [`Would note ${state} for ${id}.`, ...lines, 'Nothing has changed.'],
  }
}

/** A verdict that was taken down is done, though the gate as a whole may still be open. One that could not be counts for nothing. */
export async function settled(verdict: () => Promise<Gate>): Promise<Report> {
  return { ...gateReport(await wholeOrNot(verdict)), exit: EXIT.done }
}
