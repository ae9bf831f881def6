import { z } from 'zod'
import type { Mirror } from '../core/plug-in.ts'
import { mirrorCheck, mirrorFacts } from './look.ts'
import { heldAt, rcloneCalls, rcloneText, roomAt } from './rclone-calls.ts'
import { checkStep, dropStep, putStep, told } from './steps.ts'

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
  doctor: (o, { signal }) =>
    mirrorCheck(
      o.to,
      () => `Look at it: rclone lsf ${o.to}`,
      async () => {
        await rcloneText(['lsf', '--max-depth', '1', '--', o.to], signal, [0, 3])
        return `${o.to} answers`
      },
    ),
  observe: (o, { below, signal }) =>
    mirrorFacts(`Look at it: rclone lsf ${o.to}`, async () => {
      const [holds, free] = await Promise.all([heldAt(o.to, below, signal), roomAt(o.to, signal)])
      return { free, holds }
    }),
  calls: rcloneCalls,
  put: (o, put) =>
    putStep(
      told('rclone', o, put.id, [['rclone', 'copy', '--', `<${put.about.id}>`, `${o.to}/${put.about.folder}`]]),
      put,
    ),
  check: (o, { id, held }) => {
    const byHand = held.files
      .slice(0, 20)
      .map(({ path }) => ['rclone', 'hashsum', 'sha256', '--download', '--', `${o.to}/${held.folder}/${path}`])
    return checkStep(told('rclone', o, id, byHand), held)
  },
  drop: (o, { id, held }) => {
    const byHand = held.files
      .slice(0, 20)
      .map(({ path }) => ['rclone', 'deletefile', '--', `${o.to}/${held.folder}/${path}`])
    return dropStep(told('rclone', o, id, byHand), held)
  },
}
