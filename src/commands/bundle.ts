import { messageOf, UserError } from '../core/failure.ts'
import { keepCount } from '../core/retention.ts'
import { IMAGE } from '../sources/docker/names.ts'
import { openGit } from '../world/git.ts'
import { resolveCommit } from '../world/git-refs.ts'
import { makeBackup } from './backup.ts'
import type { RunCommand } from './command.ts'
import { textOption } from './command.ts'
import { versionAt } from './decide.ts'

/** `knowngood bundle`: the tracked sources of what is checked out, reproducible, with a lock file and SHA256SUMS. */
export const run: RunCommand = async (context, _args, options) => {
  const { root, version: from } = await context.project()
  const commit = await resolveCommit(openGit(root), 'HEAD')
  const version = commit === null ? null : await versionAt(root, from.file, commit)
  const image = imageNamed(textOption(options, 'dockerImage'))
  const keep = kept(textOption(options, 'keep'))
  const prune = options['prune'] === true
  return await makeBackup(context, 'bundle', { commit, version, image }, options, (project) => {
    const { bundle } = project.backups
    const own = { ...bundle, keep: keep ?? bundle.keep, prune: prune || bundle.prune }
    return { ...project, backups: { ...project.backups, bundle: own } }
  })
}

function imageNamed(image: string | null): string | null {
  if (image === null || IMAGE.test(image)) return image
  throw new UserError(`--docker-image does not take "${image}"`, 'it is the name of an image, with a tag or without', [
    'Give a name: --docker-image mosaic-api:latest.',
  ])
}

function kept(text: string | null): number | null {
  if (text === null) return null
  try {
    return keepCount(/^\d+$/.test(text) ? Number(text) : text)
  } catch (error) {
    throw new UserError(`--keep does not understand "${text}"`, messageOf(error), ['Give a number: --keep 5.'])
  }
}
