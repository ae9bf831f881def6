import type { Demo } from './demo.ts'

/** Makes this process work on the demo: its environment, nothing of the person's git settings, and its clone as folder. */
export function enterDemo(demo: Demo): void {
  for (const name of Object.keys(process.env)) if (!(name in demo.env)) delete process.env[name]
  Object.assign(process.env, demo.env)
  process.chdir(demo.root)
}
