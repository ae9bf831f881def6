import { resolve } from 'node:path'
import { sha256File } from '../archive/checksum.ts'
import { held, StepFailed } from '../core/failure.ts'
import type { GitHubPlace } from '../core/github.ts'
import type { CallRegistry, Io } from '../core/plan.ts'
import { readBundleLock, recordReleaseUrl } from '../records/bundle-lock.ts'
import type { GitHub } from '../world/github.ts'
import { openGitHub } from '../world/github.ts'
import { isThere, leftovers, type Of, wantedAssets } from './publish-assets.ts'

type At = { place: GitHubPlace; tag: string }
/** The release by its id, and the bundle's own hash. */
type Made = At & { of: Of; id: number; sha256: string }

/**
 * Everything here may be done again: what GitHub has already is kept when it is the same byte for byte. What is not is replaced in a
 * draft, and held in a release that people may have read.
 */
export const publishCalls = {
  'publish.bundle': async ({ of: { path } }: { of: Of }, io: Io) => {
    const sha256 = await sha256File(resolve(io.root, path), io.bytes, io.signal)
    const lock = readBundleLock(io.root, path, null)
    if (sha256 !== lock.sha256)
      throw held(`${path} is not what its lock file says`, `its SHA-256 is ${sha256}, not ${lock.sha256}`, [
        'Make the bundle again: knowngood bundle',
      ])
    return { sha256 }
  },

  /** Before anything is changed: the tag is there on the bundle's commit, and what is published already is the same. */
  'publish.look': async (input: At & { of: Of; commit: string | null; sha256: string }, io: Io) => {
    const { place, tag, of, commit, sha256 } = input
    const github = await open(place, io)
    const at = await github.tagCommit(tag)
    if (at === null) throw held(`${tag} is not on GitHub`, `push it: git push origin ${tag}`, [])
    if (commit !== null && at !== commit)
      throw held(
        `${tag} is on another commit there`,
        `it stands on ${at.slice(0, 7)}, the bundle is of ${commit.slice(0, 7)}`,
        [],
      )
    const release = await github.findRelease(tag)
    if (release === null || release.draft) return { state: release === null ? 'absent' : 'draft' }
    for (const wanted of await wantedAssets({ github, io }, of, release, sha256)) {
      const asset = release.assets.find(({ name }) => name === wanted.name)
      if (asset !== undefined && !(await isThere(github, asset, wanted, io))) throw other(tag, wanted.name)
    }
    return { state: 'published' }
  },

  'publish.find': async ({ place, tag }: At, io: Io) => {
    const release = await (await open(place, io)).findRelease(tag)
    if (release === null) throw held(`There is no release ${tag} on GitHub`, `knowngood publish ${tag} makes it`, [])
    return { url: release.url }
  },

  'publish.draft': async ({ place, tag }: At, io: Io) => {
    const github = await open(place, io)
    const { id, url } = (await github.findRelease(tag)) ?? (await github.createDraft(tag))
    return { id, url }
  },

  'publish.record': async ({ of: { path }, url }: { of: Of; url: string }, io: Io) => {
    const lock = await recordReleaseUrl(io.root, path, url)
    return { path: lock.path }
  },

  /** An earlier try, on another machine perhaps, had a bundle of another name; in a draft nobody has read it. */
  'publish.clear': async ({ place, tag, of, id, sha256 }: Made, io: Io) => {
    const github = await open(place, io)
    const release = await github.release(id, tag)
    const names = (await wantedAssets({ github, io }, of, release, sha256)).map(({ name }) => name)
    const old = release.draft ? leftovers(release.assets, of, names) : []
    for (const asset of old) {
      await github.removeAsset(asset)
      io.line(`removed ${asset.name}, left by an earlier try`)
    }
    return { removed: old.map(({ name }) => name) }
  },

  'publish.upload': async ({ place, tag, of, id, sha256, nth }: Made & { nth: number }, io: Io) => {
    const github = await open(place, io)
    const release = await github.release(id, tag)
    const wanted = (await wantedAssets({ github, io }, of, release, sha256))[nth]
    if (wanted === undefined) return { name: null, kept: true }
    const { name } = wanted
    const asset = release.assets.find((one) => one.name === name)
    if (asset !== undefined && (await isThere(github, asset, wanted, io))) return { name, kept: true }
    if (asset !== undefined && !release.draft) throw other(tag, name)
    if (asset !== undefined) {
      await github.removeAsset(asset)
      io.line(`${name} was ${asset.whole ? 'another one' : 'cut off'}: replaced`)
    }
    const made = await github.upload(release, name, wanted.body, io.bytes)
    if (made.name !== name || made.bytes !== wanted.bytes || !made.whole)
      throw new StepFailed(
        'publish',
        `${name} did not arrive whole: ${made.bytes} of ${wanted.bytes} bytes as ${made.name}`,
      )
    return { name, kept: false }
  },

  /** Every asset downloaded again and hashed, whoever uploaded it. */
  'publish.check': async ({ place, tag, of, id, sha256 }: Made, io: Io) => {
    const github = await open(place, io)
    const release = await github.release(id, tag)
    const all = await wantedAssets({ github, io }, of, release, sha256)
    const total = all.reduce((sum, { bytes }) => sum + bytes, 0)
    let before = 0
    for (const wanted of all) {
      const asset = release.assets.find(({ name }) => name === wanted.name)
      if (asset === undefined) throw new StepFailed('publish', `${wanted.name} is not there any more`)
      const found = await github.download(asset, (done) => io.bytes(before + done, total))
      if (found !== wanted.sha256)
        throw new StepFailed('publish', `${wanted.name} reads back as ${found}, not ${wanted.sha256}`)
      before += wanted.bytes
    }
    return { assets: all.map(({ name, bytes, sha256: hash }) => ({ name, bytes, sha256: hash })) }
  },

  'publish.release': async ({ place, tag, id }: At & { id: number }, io: Io) => {
    const github = await open(place, io)
    const already = !(await github.release(id, tag)).draft
    if (!already) await github.publish(id, tag)
    const { url, draft } = await github.release(id, tag)
    if (draft) throw new StepFailed('publish', `GitHub still calls ${tag} a draft`)
    return { url, already }
  },

  /** Whether people can read it, whoever made it so. */
  'publish.isPublic': async ({ place, tag, id }: At & { id: number }, io: Io) => {
    const { url, draft } = await (await open(place, io)).release(id, tag)
    if (draft) return { state: 'absent', saw: 'it is a draft' }
    return { state: 'done', saw: url, gives: { url, already: true } }
  },
} satisfies CallRegistry

async function open(place: GitHubPlace, io: Io): Promise<GitHub> {
  return await openGitHub(place, io.secret(place.token), io.signal)
}

function other(tag: string, name: string) {
  return held(`${tag} is published already`, `with another ${name}; what people may have read is never replaced`, [
    'Publish what is new under a version of its own.',
  ])
}
