import { z } from 'zod'
import { reasonOf } from '../core/failure.ts'
import type { JsonRecord } from '../core/json.ts'

import { known, unknown } from '../core/known.ts'
import type { Mirror } from '../core/plug-in.ts'
import { now } from '../world/clock.ts'
import { heldAt, rcloneCalls, rcloneText, roomAt } from './rclone-calls.ts'
import { checkStep, dropStep, putStep } from './steps.ts'

const options = z.strictObject({
  to: z
    .string()
    .regex(/^[\w.+@-][\w.+@ -]*:\P{Cc}*$/u, { error: 'is a remote of rclone and a path, such as gdrive:mosaic' })
    .describe("A remote of rclone and a path. Its credentials stay in rclone's own configuration."),
})

export type RcloneOptions = z.infer<typeof options>

/** Any storage rclone speaks to. Copies one file at a time and reads them back; never syncs, never purges. */
export const rclone: Mirror<RcloneOptions> = {
  use: 'rclone',
  says: 'Any storage that rclone speaks to, such as Google Drive or S3.',
  options,
  where: (o) => o.to,
  detect: async () => [],
  doctor: async (o, { signal }) => {
    const id = `mirror.${o.to}`
    try {
      await rcloneText(['lsf', '--max-depth', '1', '--', o.to], signal, [0, 3])
      return [{ id, ok: true, says: `${o.to} answers`, fix: '' }]
    } catch (error) {
      return [{ id, ok: false, says: reasonOf(error), fix: `Look at it: rclone lsf ${o.to}` }]
    }
  },
  observe: async (o, { below, signal }) => {
    const at = now().toISOString()
    try {
      const [holds, free] = await Promise.all([heldAt(o.to, below, signal), roomAt(o.to, signal)])
      return known({ free, holds }, at)
    } catch (error) {
      return unknown(reasonOf(error), `Look at it: rclone lsf ${o.to}`, at)
    }
  },
  calls: rcloneCalls,
  put: (o, put) =>
    putStep(told(o, put.id, [['rclone', 'copy', '--', `<${put.about.id}>`, `${o.to}/${put.about.folder}`]]), put),
  check: (o, { id, held }) => {
    const byHand = held.files
      .slice(0, 20)
      .map(({ path }) => ['rclone', 'hashsum', 'sha256', '--download', '--', `${o.to}/${held.folder}/${path}`])
    return checkStep(told(o, id, byHand), held)
  },
  drop: (o, { id, held }) => {
    const byHand = held.files
      .slice(0, 20)
      .map(({ path }) => ['rclone', 'deletefile', '--', `${o.to}/${held.folder}/${path}`])
    return dropStep(told(o, id, byHand), held)
  },
}

function told(o: RcloneOptions, id: string, byHand: string[][]) {
  return { use: 'rclone', id, where: o.to, options: o as unknown as JsonRecord, byHand }
}
