import { Listr, type ListrTask } from 'listr2'
import { messageOf } from '../core/failure.ts'
import type { Step } from '../core/plan.ts'
import { clean } from '../core/text.ts'
import { mask } from '../world/secrets.ts'
import type { RunSession } from './session.ts'
import { runStep } from './step.ts'

/** How listr2 draws the tree: silent when other faces follow the events, one of its own renderers headless. */
export type TreeFace = { renderer: 'silent' | 'default' | 'simple'; options?: Record<string, unknown> }

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
  const list = new Listr(tasksOf(session, steps, skip), {
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

function tasksOf(session: RunSession, steps: readonly Step[], skip: ReadonlySet<string>): ListrTask[] {
  const owed = new Set<Step>()
  return steps.map((step) => ({
    title: clean(step.detail === undefined ? step.title : `${step.title}  ${step.detail}`),
    skip: () => skip.has(step.id) && 'already done',
    // What is owed is drawn as failed, and holds nobody up.
    exitOnError: () => !owed.has(step),
    task: async (
      _context: unknown,
      task: { output: string; newListr(tasks: ListrTask[], options: object): { run(): Promise<unknown> } },
    ) => {
      session.show.set(step.id, (text) => {
        task.output = text
      })
      const inner = step.steps ?? []
      const why = await runStep(session, step, async () => {
        if (inner.length > 0)
          await task
            .newListr(tasksOf(session, inner, skip), { exitOnError: true, concurrent: false })
            .run()
            .catch(goOn)
      }).catch(draw)
      if (why === null) return
      owed.add(step)
      throw new Drawn(why)
    },
  }))
}
