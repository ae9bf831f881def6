import { constants } from 'node:fs'
import { access, mkdir, rm, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { sha256File } from '../archive/checksum.ts'
import type { PreflightInput } from '../core/backup-input.ts'
import { size } from '../core/age.ts'
import { held, messageOf } from '../core/failure.ts'
import type { CallRegistry, Io } from '../core/plan.ts'
import { codeOf, exists, makeFolder, refuseSymlink } from '../world/files.ts'
import { freeSpace } from '../world/disk.ts'
import { removeTree } from '../world/remove-tree.ts'
import { checkDrive } from './backup-drive.ts'

type Stage = { stage: string }
type Staged = { stage: string; file: string }

/** Room for the next is what the last one took, and a fifth. */
const GROWTH = 1.2

/** Before a backup begins, and where it is built. */
export const backupStageCalls = {
  'backup.preflight': async ({ kind, dir, stage, free, last, volume, drive }: PreflightInput, io: Io) => {
    if (drive !== null) await checkDrive(drive, last, io)
    for (const place of new Set([resolve(io.root, dir), dirname(stage)])) {
      await mustBeWritable(place)
      const room = await freeSpace(place)
      const needed = Math.max(free, Math.ceil(last * GROWTH))
      if (room.free < needed)
        throw held(
          `There is no room for a ${kind} backup on the volume of ${place}: ${size(needed - room.free)} are missing`,
          `${size(room.free)} are free, ${size(needed)} are needed`,
          [
            `See what fills it: df -h ${place}`,
            'Make room: knowngood prune -n shows what would go, knowngood status what earlier restores keep.',
            elsewhere(kind, place),
          ],
        )
      const full = Math.round((1 - room.free / room.total) * 100)
      if (full >= volume) io.line(`the volume is ${full} % full`)
    }
    return {}
  },

  'backup.stage': async ({ stage }: Stage) => {
    await makeFolder(dirname(stage))
    // A folder that stands is this run's own from before it was interrupted.
    await mkdir(stage, { mode: 0o700 }).catch((error: unknown) => {
      if (codeOf(error) !== 'EEXIST') throw error
    })
    await refuseSymlink(stage)
    return {}
  },

  'backup.stage.probe': async ({ stage }: Stage) => ({
    state: (await exists(stage)) ? 'done' : 'absent',
    saw: { stage },
  }),

  'backup.discard': async ({ stage }: Stage) => {
    await removeTree(stage)
    return {}
  },

  /** A staged archive is written whole under its name, so one that stands is a whole one. */
  'backup.staged': async ({ stage, file }: Staged, io: Io) => {
    const path = join(stage, file)
    if (!(await exists(path))) return { state: 'absent', saw: null }
    const { size: bytes } = await stat(path)
    return { state: 'partial', saw: { bytes, sha256: await sha256File(path, undefined, io.signal) } }
  },

  'backup.unstage': async ({ stage, file }: Staged) => {
    await rm(join(stage, file), { force: true })
    return {}
  },
} satisfies CallRegistry

/** How backups of a kind come to lie on another volume. */
function elsewhere(kind: PreflightInput['kind'], place: string): string {
  const key = kind === 'data' ? 'to' : kind === 'bundle' || kind === 'dump' ? 'dir' : null
  return key === null
    ? `Or mount a larger volume there: ${place}`
    : `Or keep them on another volume: backups.${kind}.${key} in knowngood.yaml`
}

/** Said before anything is begun: a volume that is read-only, a folder that is somebody else's. */
async function mustBeWritable(path: string): Promise<void> {
  try {
    await access(path, constants.W_OK)
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ENOENT' && dirname(path) !== path) return mustBeWritable(dirname(path))
    const why = code === 'EROFS' ? 'its volume is read-only' : messageOf(error)
    throw held(`${path} cannot be written`, why, ['Make it writable, and back up again.'])
  }
}
