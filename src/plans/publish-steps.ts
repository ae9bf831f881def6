import { basename } from 'node:path'
import { recordPath } from '../core/backup-names.ts'
import type { GitHubPlace } from '../core/github.ts'
import type { Arg, Step } from '../core/plan.ts'
import { call, step } from '../core/step.ts'

type Making = {
  place: GitHubPlace
  tag: string
  of: { path: string; name: string; version: string }
  commit: string | null
}

const again = call('again.probe', {}, 'it may be done again')
/** What GitHub has stays there when a step fails: the next try goes on from it. */
const going = { probe: again, onFail: 'halt' } as const

/** A draft, its address in the lock file, three assets, all read back; published last. */
export function publishSteps(made: Making): Step[] {
  const { place, tag, of, commit } = made
  const at = { place, tag }
  const sha256 = { $: 'bundle.sha256' }
  const draft = { ...at, of, id: { $: 'draft.id' }, sha256 }
  const gh = (...words: Arg[]) => [['gh', 'release', ...words, '--repo', place.repository]]
  const lock = recordPath('bundle', of.path)
  const files = [of.path, lock, 'SHA256SUMS']
  return [
    step('bundle', 'Read the bundle', [call('publish.bundle', { of }, `hash ${of.path}`, [['sha256sum', of.path]])], {
      detail: basename(of.path),
      gives: ['sha256'],
      stop: 'anytime',
    }),
    step(
      'look',
      'Look at GitHub',
      [call('publish.look', { ...at, of, commit, sha256 }, `look for ${tag} and its release`, gh('view', tag))],
      { detail: place.repository, gives: ['state'], stop: 'anytime' },
    ),
    step(
      'draft',
      'Draft the release',
      [
        call(
          'publish.draft',
          at,
          'find it, or make it with generated notes',
          gh('create', tag, '--draft', '--generate-notes', '--verify-tag'),
        ),
      ],
      { detail: tag, effect: 'outward', gives: ['id', 'url'], ...going },
    ),
    recordStep(of.path, { $: 'draft.url' }),
    step(
      'clear',
      'Clear the draft',
      [call('publish.clear', draft, 'remove bundles of this version that an earlier try left in it', gh('view', tag))],
      { effect: 'outward', gives: ['removed'], ...going },
    ),
    ...['bundle', 'lock', 'sums'].map((what, nth) => {
      const file = files[nth] ?? ''
      const byHand = [...(what === 'sums' ? [['sha256sum', of.path, lock]] : []), ...gh('upload', tag, file)]
      return step(`upload.${what}`, 'Upload', [call('publish.upload', { ...draft, nth }, `upload ${file}`, byHand)], {
        detail: basename(file),
        effect: 'outward',
        gives: ['name', 'kept'],
        stop: 'anytime',
        ...going,
      })
    }),
    step(
      'check',
      'Check it back',
      [
        call('publish.check', draft, 'download every asset and hash it', [
          ...gh('download', tag),
          ['sha256sum', '--check', 'SHA256SUMS'],
        ]),
      ],
      { gives: ['assets'], stop: 'anytime', onFail: 'halt' },
    ),
    step(
      'publish',
      'Publish',
      [
        call(
          'publish.release',
          { ...at, id: { $: 'draft.id' } },
          'make the draft public',
          gh('edit', tag, '--draft=false'),
        ),
      ],
      {
        detail: tag,
        effect: 'outward',
        gives: ['url', 'already'],
        ...going,
        probe: call('publish.isPublic', { ...at, id: { $: 'draft.id' } }, 'whether it is public', gh('view', tag)),
      },
    ),
  ]
}

/** Only the address of a release that is there. */
export function recordSteps({ place, tag, of }: Making): Step[] {
  const byHand = [['gh', 'release', 'view', tag, '--json', 'url', '--repo', place.repository]]
  return [
    step('look', 'Look at GitHub', [call('publish.find', { place, tag }, `look for the release ${tag}`, byHand)], {
      detail: place.repository,
      gives: ['url'],
      stop: 'anytime',
    }),
    recordStep(of.path, { $: 'look.url' }),
  ]
}

function recordStep(path: string, url: Arg): Step {
  const lock = recordPath('bundle', path)
  const byHand: Arg[][] = [['jq', '--arg', 'url', url, '.release_url = $url', lock]]
  return step(
    'record',
    'Record its address',
    [call('publish.record', { of: { path }, url }, `write release_url into ${lock}`, byHand)],
    { detail: basename(lock), effect: 'local', gives: ['path'], ...going },
  )
}
