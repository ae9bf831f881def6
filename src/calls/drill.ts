import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type DrillItem, type DrillKind, type DrillLine, drillMarkdown } from '../core/drill.ts'
import { StepFailed } from '../core/failure.ts'
import type { CallRegistry, Io } from '../core/plan.ts'
import type { RunEvent } from '../core/run-event.ts'
import { noteDrill, readDrills, writeDrill } from '../records/drill-log.ts'
import { now } from '../world/clock.ts'
import { readText } from '../world/files.ts'

/** A confirmation of a person: `passed` null is still open. */
type Manual = { title: string; look: string; passed: boolean | null; evidence: string | null }
type Record = {
  kind: DrillKind
  of: { project: string; environment: string; host: string }
  by: string
  to: string
  backups: string[]
  /** `ok` is what a look found; null where it was not tried, left out for a step that only acts. */
  steps: { id: string; title: string; detail: string; ok?: boolean | null }[]
  manual: Manual[]
  /** What the drill does not prove, and why; a sentence each. */
  leftOut?: string[]
  startedAt: string
  outcome: string | null
}

const SHOWN = 12
const ENDS: ReadonlySet<string> = new Set(['done', 'already', 'failed', 'owed'])

export const drillCalls = {
  /** Key files, each somewhere below the scratch place. */
  'drill.files': async ({ scratch, files }: { scratch: string; files: string[] }, io: Io) => {
    const all = await readdir(scratch, { recursive: true, encoding: 'utf8' })
    for (const file of files) {
      const found = all.find((path) => path === file || path.endsWith(`/${file}`))
      if (found === undefined) throw new StepFailed('drill', `${file} is nowhere in what was restored`)
      io.line(`${file} is there: ${found}`)
    }
    return { found: files.length }
  },

  /** The checklist with every step's outcome and output, and the line by which the next one is due. */
  'drill.record': async (input: Record, io: Io) => {
    const known = (await readDrills(io.root)).find((line) => line.run === io.run)
    if (known !== undefined) return { log: known.log, passed: known.passed, ms: known.ms }
    const items = itemsOf(input, (await readText(join(io.dir, 'events.jsonl'))) ?? '')
    const at = now().toISOString()
    const passed = input.outcome === 'done' && items.every((item) => item.state === 'passed')
    const ms = Math.max(0, Date.parse(at) - Date.parse(input.startedAt))
    const line: DrillLine = {
      kind: input.kind,
      at,
      run: io.run,
      passed,
      ms,
      backups: input.backups,
      by: input.by,
      log: '',
    }
    line.log = await writeDrill(io.root, input.to, line, drillMarkdown(line, input.of, items, input.leftOut ?? []))
    await noteDrill(io.root, line)
    return { log: line.log, passed, ms }
  },
} satisfies CallRegistry

function itemsOf({ steps, manual }: Record, text: string): DrillItem[] {
  const events = text.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line) as RunEvent]
    } catch {
      return []
    }
  })
  const automated = steps.map(({ id, title, detail, ok = true }): DrillItem => {
    const own = events.filter((event) => event.step === id)
    // What was done stays done when it is put back at the end.
    const ended = own.findLast((event) => event.t === 'state' && ENDS.has(event.state))
    const last = ended?.t === 'state' ? ended : undefined
    const said = own.flatMap((event) => (event.t === 'line' ? [event.text] : []))
    const state = last === undefined ? 'open' : verdictOf(last.state === 'done' || last.state === 'already', ok)
    const output = [...said.slice(-SHOWN), ...(last?.error === undefined ? [] : [last.error])]
    return { title, detail, state, ms: last?.ms ?? null, output }
  })
  const asked = manual.map(({ title, look, passed, evidence }): DrillItem => {
    const state = passed === null ? 'open' : passed ? 'passed' : 'failed'
    return { title, detail: look, state, ms: null, output: evidence === null ? [] : [evidence] }
  })
  return [...automated, ...asked]
}

/** A look that came to its end may have found something; one that was not tried proves nothing. */
function verdictOf(done: boolean, ok: boolean | null): DrillItem['state'] {
  if (!done || ok === false) return 'failed'
  return ok === null ? 'open' : 'passed'
}
