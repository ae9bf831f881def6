import { Listr, type DefaultRenderer, type ListrTask } from 'listr2'
import { messageOf } from '../core/failure.ts'
import type { Step } from '../core/plan.ts'
import { countedOn, progressLines, type Counted } from '../core/progress.ts'
import type { RunEvent } from '../core/run-event.ts'
import { clean, width } from '../core/text.ts'
import { mask } from '../world/secrets.ts'
import type { RunSession } from './session.ts'
import { runStep } from './step.ts'

/** How listr2 draws the tree: silent when other faces follow the events, one of its own renderers headless. */
export type TreeFace = {
  renderer: 'silent' | 'simple' | typeof DefaultRenderer
  options?: Record<string, unknown>
  /** How wide the terminal is now, for a tree that is drawn again and again: it says how far a step is beside it. */
  columns?: () => number
}

/**
 * Runs steps one after the other as a Listr tree. `skip` says which were found done already (a resume).
 * listr2 only draws and orders: no signal handlers, no rollback, no cancelling of its own.
 */
export async function runTree(
  session: RunSession,
  steps: readonly Step[],
  face: TreeFace,
  skip: ReadonlySet<string>,
): Promise<void> {
  const list = new Listr(tasksOf(session, steps, face, skip), {
    concurrent: false,
    exitOnError: true,
    registerSignalListeners: false,
    renderer: face.renderer,
    fallbackRenderer: face.renderer === 'silent' ? 'silent' : 'simple',
    rendererOptions: (face.options ?? {}) as never,
    fallbackRendererOptions: (face.options ?? {}) as never,
  } as never)
  await list.run().catch(goOn)
}

/** A failure as it may be drawn, masked and inert; what failed is its cause. */
class Drawn extends Error {
  constructor(error: unknown) {
    super(clean(mask(messageOf(error))), { cause: error })
  }
}

function draw(error: unknown): never {
  throw new Drawn(error)
}

/** Only the drawing needs inert words: what failed goes on as it is. */
function goOn(error: unknown): never {
  throw error instanceof Drawn ? error.cause : error
}

type Node = {
  title: string
  output: string
  task: { listr: { path: readonly string[] } }
  newListr(tasks: ListrTask[], options: object): Listr
}

function tasksOf(session: RunSession, steps: readonly Step[], face: TreeFace, skip: ReadonlySet<string>): ListrTask[] {
  const owed = new Set<Step>()
  return steps.map((step) => ({
    title: titleOf(step),
    skip: () => skip.has(step.id) && 'already done',
    // What is owed is drawn as failed, and holds nobody up.
    exitOnError: () => !owed.has(step),
    task: (_context: unknown, task: Node) => {
      if (face.renderer !== 'silent') session.show.set(step.id, drawer(task, step, face.columns))
      const work = async (nested: () => Promise<void>) => {
        const why = await runStep(session, step, nested)
          .catch(draw)
          .finally(() => session.show.delete(step.id))
        if (why === null) return
        owed.add(step)
        throw new Drawn(why)
      }
      const inner = step.steps ?? []
      if (inner.length === 0) return work(() => Promise.resolve())
      const list = task.newListr(tasksOf(session, inner, face, skip), { exitOnError: true, concurrent: false })
      const runInner = list.run.bind(list)
      // listr2 draws beneath a step the list that it gives back, and runs it: the step's own work goes around that.
      list.run = async (context) => {
        await work(async () => void (await runInner(context).catch(goOn)))
        return context
      }
      return list
    },
  }))
}

const titleOf = (step: Step): string => clean(step.detail === undefined ? step.title : `${step.title}  ${step.detail}`)

/** Shows the newest line of a step beneath it and, where the tree is as wide as `columns` says, how far it is beside it. */
function drawer(task: Node, step: Step, columns: TreeFace['columns']): (event: RunEvent) => void {
  const title = titleOf(step)
  let counted: Counted | undefined
  return (event) => {
    if (event.t === 'line') task.output = event.text
    if (columns === undefined || (event.t !== 'bytes' && event.t !== 'state')) return
    counted = event.t === 'bytes' ? countedOn(counted, event, event.at) : undefined
    const room = columns() - BEFORE - task.task.listr.path.length * INDENT - width(title)
    task.title = counted === undefined ? title : `${title}${saying(counted, event.at, room)}`
  }
}

/** Before a title, in columns: its icon and a blank, and what listr2 leaves free at the end of a row. */
const BEFORE = 4
/** What listr2 moves each level to the right, in columns. */
const INDENT = 2

/** One row at most: a tree that grows and shrinks cannot be read. */
function saying(counted: Counted, at: string, room: number): string {
  const passed = Date.parse(at) - Date.parse(counted.since ?? at)
  const words = progressLines(counted, passed).find((text) => text.length + 2 <= room)
  return words === undefined ? '' : `  ${words}`
}
