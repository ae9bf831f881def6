import type { BundleImage } from '../core/backup-input.ts'
import type { BackupName } from '../core/backup-names.ts'
import type { Step } from '../core/plan.ts'
import { call, step } from '../core/step.ts'
import { engine } from '../sources/docker/engine.ts'
import { taggedAs } from '../sources/docker/names.ts'
import type { BackupRequest } from './backup-request.ts'

/** What the lock file says of a bundle's image: it gets a tag of the bundle's name, `v<version>-<timestamp>`. Null where none was asked for. */
export function imageOf({ image = null }: Pick<BackupRequest, 'image'>, name: BackupName): BundleImage | null {
  if (image === null) return null
  const words = /v\d[^/]*$/.exec(name.stem)?.[0] ?? name.id
  const tag = taggedAs(image, words.replaceAll(/[^A-Za-z0-9_.-]/g, '-').slice(0, 128))
  // The id is known once the step has run; until then a reference stands for it.
  return { image, tag, id: { $: 'image.id' } as unknown as string }
}

/** Gives an image that name. Before the bundle is made: without an engine or an image there is none. */
export function imageStep({ image, tag: to }: BundleImage): Step {
  const input = { image, to }
  const look = [[engine(), 'image', 'inspect', '--format', '{{.Id}}', image, to]]
  const remove = call('bundle.image-back', { to, was: { $: 'was' } }, `take the name ${to} away`, [
    [engine(), 'rmi', to],
  ])
  return step(
    'image',
    'Name the image',
    [call('bundle.image', input, `let ${to} name ${image} too`, [[engine(), 'tag', image, to]])],
    {
      detail: to,
      effect: 'local',
      capture: call('bundle.image-look', { to }, `whether ${to} is there`, look),
      gives: ['id'],
      probe: call('bundle.image-probe', input, `what ${to} stands for`, look),
      undo: [remove],
    },
  )
}
