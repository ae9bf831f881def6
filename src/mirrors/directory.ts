import { z } from 'zod'
import { messageOf } from '../core/failure.ts'
import type { Mirror } from '../core/plug-in.ts'
import { folderSize, freeSpace } from '../world/disk.ts'
import { directoryCalls, heldIn, MARKER, place, quotaAlarm } from './directory-calls.ts'
import { mirrorFacts } from './look.ts'
import { checkStep, dropStep, putStep, told } from './steps.ts'

const options = z.strictObject({
  to: z.string().min(1).max(400).describe('The folder, on a drive that is mounted; absolute, or from the repository.'),
  mounted: z.boolean().default(true).describe('Refuse to write when it is not on a volume of its own.'),
  quota: z.number().int().positive().optional().describe('How many bytes the copies may take there.'),
})

export type DirectoryOptions = z.infer<typeof options>

/**
 * A folder on a mounted drive. It is known by its device and by a marker that somebody put there on purpose: a drive
 * that is not mounted leaves an empty folder behind, which would take the copies without a word.
 */
export const directory: Mirror<DirectoryOptions> = {
  use: 'directory',
  says: 'A folder on a mounted drive, known by its device and its marker.',
  options,
  where: (o) => o.to,
  detect: async () => [],
  doctor: async (o, { root }) => {
    const id = `mirror.${o.to}`
    try {
      const top = await place(root, o)
      const { free } = await freeSpace(top)
      const alarm = o.quota === undefined ? null : quotaAlarm(await folderSize(top), o)
      if (alarm !== null) return [{ id, ok: false, says: alarm, fix: 'Lower `latest`, or raise `quota`.' }]
      return [{ id, ok: true, says: `${o.to} is mounted, ${Math.round(free / 1e9)} GB free`, fix: '' }]
    } catch (error) {
      return [{ id, ok: false, says: messageOf(error), fix: `Mount it, then: touch ${o.to}/${MARKER}` }]
    }
  },
  observe: (o, { root, below }) =>
    mirrorFacts(`Mount ${o.to}, then try again`, async () => {
      const top = await place(root, o)
      return { free: (await freeSpace(top)).free, holds: await heldIn(top, below) }
    }),
  calls: directoryCalls,
  put: (o, put) =>
    putStep(
      told('directory', o, put.id, [['cp', '-a', '--', `<${put.about.id}>`, `${o.to}/${put.about.folder}`]]),
      put,
    ),
  check: (o, { id, held }) =>
    checkStep(
      told('directory', o, id, [
        ['sha256sum', ...held.files.slice(0, 20).map(({ path }) => `${o.to}/${held.folder}/${path}`)],
      ]),
      held,
    ),
  drop: (o, { id, held }) => dropStep(told('directory', o, id, [['rm', '-r', '--', `${o.to}/${held.folder}`]]), held),
}
