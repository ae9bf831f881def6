import { join } from 'node:path'
import type { Arg, Step } from '../core/plan.ts'
import type { Project } from '../core/project.ts'
import { call, step } from '../core/step.ts'
import type { Fit } from './fitting.ts'
import type { Suffix } from './proof-steps.ts'

/**
 * What stands between a stored part and its source: nothing, or its encryption. The plain file lies in the run's own
 * folder, is gone at every end, and never stands under its name unless it is whole and authentic.
 */
export function unlocked<T extends Pick<Fit, 'name' | 'parts'>>(
  project: Project,
  fit: T,
  run: string,
  suffix: Suffix = '',
): { fit: T; before: Step[]; after: Step[] } {
  const before: Step[] = []
  const after: Step[] = []
  const parts = fit.parts.map((stored, index) => {
    const ext = /\.(gpg|age)$/.exec(stored.file)?.[1]
    if (ext === undefined) return stored
    const name = `${fit.name}${index === 0 ? '' : `-${index + 1}`}${suffix}`
    const to = `plain-${before.length}${suffix}-${stored.file.slice(stored.file.lastIndexOf('/') + 1, -ext.length - 1)}`
    const encrypt = project.backups.data?.encrypt
    const key = ext === 'gpg' ? { gpg: encrypt && 'gpg' in encrypt ? encrypt.gpg : GPG } : { age: AGE }
    const file = join(project.root, '.knowngood', 'runs', run, to)
    const remove = call('archive.relock', { to }, `remove the plain copy of ${stored.part.path}`, [['rm', '-f', file]])
    before.push(
      step(
        `unlock.${name}`,
        'Decrypt',
        [
          call(
            'archive.unlock',
            { file: stored.file, to, key },
            `decrypt ${stored.part.path}`,
            byHandOf(stored.file, file, key),
          ),
        ],
        {
          detail: stored.part.path,
          effect: 'local',
          gives: ['file', 'sha256'],
          probe: call('archive.unlocked', { to }, 'whether it is decrypted', [['ls', file]]),
          undo: [remove],
          stop: 'anytime',
        },
      ),
    )
    after.push(
      step(`relock.${name}`, 'Remove the plain copy', [remove], {
        effect: 'local',
        probe: call('again.probe', {}, 'it may be done again'),
        stop: 'never',
        onFail: 'owe',
      }),
    )
    const sha256 = { $: `unlock.${name}.sha256` } as unknown as string
    return { part: { ...stored.part, sha256 }, file }
  })
  return { fit: { ...fit, parts }, before, after }
}

const GPG = 'KNOWNGOOD_GPG_PASSPHRASE'
const AGE = 'KNOWNGOOD_AGE_IDENTITY'

function byHandOf(from: string, to: string, key: { gpg: string } | { age: string }): Arg[][] {
  return 'gpg' in key
    ? [['gpg', '--output', to, '--decrypt', from]]
    : [['age', '--decrypt', '-i', `$${key.age}`, '-o', to, from]]
}
