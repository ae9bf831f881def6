import { runGateChecks } from '../calls/gate-checks.ts'
import { EXIT, held, wholeOrNot } from '../core/failure.ts'
import type { Gate, GateItem, GitFacts } from '../core/facts.ts'
import type { Project } from '../core/project.ts'
import { unborn } from '../core/unborn.ts'
import { readGate } from '../records/gate.ts'
import { table } from '../report/table.ts'
import type { Report, RunCommand } from './command.ts'
import type { Context } from './context.ts'

/** `knowngood gate`: runs the checks for the commit that is next and says what is still open. */
export const run: RunCommand = async (context, _args, options) => {
  const { project, commit } = await gateSubject(context)
  if (context.dryRun) {
    const commands = project.gate.checks.map((check) => check.run)
    const lines = [
      `Gate for ${commit.slice(0, 7)} would run:`,
      ...commands.map((argv) => `  $ ${argv.join(' ')}`),
      'Nothing has changed.',
    ]
    return { exit: EXIT.done, data: { dryRun: true, commit, commands }, lines }
  }
  if (options['status'] === true) return gateReport(await readGate(project, commit, context.now()))
  const said = new Set<string>()
  const onChange = (gate: Gate) => {
    for (const item of gate.items.filter((one) => one.kind === 'check' && one.state !== 'open')) {
      const line = `${marks[item.state]} ${item.title}${item.state === 'running' ? ' …' : ''}`
      if (!said.has(line)) context.say(line)
      said.add(line)
    }
  }
  return gateReport(
    await wholeOrNot(() =>
      runGateChecks(project, commit, { operator: context.operator, onChange, signal: context.signal }),
    ),
  )
}

/** The project and the commit the gate is bound to: the tip of the deploy branch. */
export async function gateSubject(context: Context): Promise<{ project: Project; commit: string }> {
  const project = await context.project()
  const facts = await context.facts({ only: ['git'] })
  if (!facts.git.ok) throw held("Can't read the repository", facts.git.because, [facts.git.fix])
  return { project, commit: nextCommit(facts.git.value) }
}

/** The commit the gate is bound to; held where the branch has none. */
export function nextCommit(git: GitFacts): string {
  if (git.next !== null) return git.next.oid
  const { why, fix } = unborn(git)
  throw held('There is nothing to gate', why, [fix])
}

const marks: Record<GateItem['state'], string> = { open: '○', running: '▸', pass: '✓', fail: '✗', waived: '!' }

/** Exit 0 when passed, 3 while anything is open, failed or expired. */
export function gateReport(gate: Gate): Report {
  const rows = gate.items.map((item) => [
    ` ${marks[item.state]}`,
    item.id,
    item.title,
    item.state,
    item.by ?? '',
    item.reason ?? item.output.at(-1) ?? '',
  ])
  const open = gate.items.filter((item) => item.when === 'before' && (item.state === 'open' || item.state === 'fail'))
  const lines = [
    `Gate for ${gate.commit.slice(0, 7)}: ${gate.state}${gate.expiresAt === null ? '' : `, until ${gate.expiresAt}`}`,
    ...table(rows, [], 70),
    ...open
      .filter((item) => item.kind === 'confirmation' && item.state === 'open')
      .flatMap((item) => [
        '',
        `${item.title}: ${item.look}`,
        `  Why: ${item.why}`,
        `  $ knowngood gate confirm ${item.id}${item.evidenceRule === 'optional' ? '' : ' --evidence PATH|URL'}`,
      ]),
  ]
  return { exit: gate.state === 'passed' ? EXIT.done : EXIT.held, data: { gate: gate }, lines }
}
