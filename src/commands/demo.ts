import type { RunCommand } from './command.ts'

/** `knowngood demo`: a throwaway production, the dashboard on it in a terminal and the tour without one. */
export const run: RunCommand = async (context, _args, options) => {
  const { makeDemo } = await import('../demo/demo.ts')
  const demo = await makeDemo({})
  try {
    if (!context.interactive || options['tour'] === true) {
      const { runTour } = await import('../demo/tour.ts')
      return await runTour(demo, context)
    }
    Object.assign(process.env, demo.env)
    process.chdir(demo.root)
    const { openDashboard } = await import('./dashboard.ts')
    const exit = await openDashboard(context, { demo: true })
    return { exit, data: {}, lines: [] }
  } finally {
    await demo.stop()
  }
}
