import type { RunCommand } from './command.ts'
import { makeContext } from './context.ts'

/** `knowngood demo`: a throwaway production, the dashboard on it in a terminal and the tour without one. */
export const run: RunCommand = async (context, _args, options) => {
  const [{ makeDemo }, { enterDemo }] = await Promise.all([import('../demo/demo.ts'), import('../demo/enter.ts')])
  const demo = await makeDemo({})
  try {
    if (!context.interactive || options['tour'] === true) {
      const { runTour } = await import('../demo/tour.ts')
      return await runTour(demo, context)
    }
    // Drawn over by the dashboard, and found again by ctrl-z and after leaving.
    context.say(`The demo's clone is ${demo.root}`)
    context.say('There, git merge share-sign-in makes the next release a bad one.')
    enterDemo(demo)
    const { openDashboard } = await import('./dashboard.ts')
    // The context knows where it was made: the deck needs one made in the demo's clone.
    const exit = await openDashboard(makeContext(context), { demo: true })
    return { exit, data: {}, lines: [] }
  } finally {
    await demo.stop()
  }
}
