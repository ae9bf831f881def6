import { confirmGate } from '../calls/gate-verdict.ts'
import type { RunCommand } from './command.ts'
import { gateReport, gateSubject } from './gate.ts'

/** `knowngood gate confirm ID --evidence …`: passes a confirmation; the evidence is hashed and kept. */
export const run: RunCommand = async (context, [id = ''], options) => {
  const { project, commit } = await gateSubject(context)
  const evidence = Array.isArray(options['evidence']) ? options['evidence'] : []
  return settled(gateReport(await confirmGate(project, commit, id, evidence, { operator: context.operator })))
}

/** A verdict that was taken down is done, though the gate as a whole may still be open. */
export function settled(report: ReturnType<typeof gateReport>): ReturnType<typeof gateReport> {
  return { ...report, exit: 0 }
}
