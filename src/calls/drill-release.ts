import { open, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { parseChecksums } from '../archive/checksum-list.ts'
import { StepFailed } from '../core/failure.ts'
import type { Asset, GitHubPlace } from '../core/github.ts'
import { assetName } from '../core/github.ts'
import type { CallRegistry, Io } from '../core/plan.ts'
import { makeFolder, readText } from '../world/files.ts'
import { openGitHub } from '../world/github.ts'

/** `of` is the bundle as its lock file has it; `token` whether there is one, else what is public is read. */
type Fetch = { place: GitHubPlace; token: boolean; tag: string; of: { path: string; sha256: string }; to: string }

export const drillReleaseCalls = {
  /** The tarball, its lock file and SHA256SUMS of a release, each held to what the others say, and all to the record here. */
  'drill.fetch': async ({ place, token, tag, of, to }: Fetch, io: Io) => {
    const github = await openGitHub(place, token ? io.secret(place.token) : null, io.signal)
    const release = await github.findRelease(tag)
    if (release === null) throw new StepFailed('drill', `there is no release ${tag} on ${place.repository} any more`)
    if (release.draft) throw new StepFailed('drill', `the release ${tag} is a draft: nobody else can fetch it`)
    await rm(to, { recursive: true, force: true })
    await makeFolder(to)
    const wanted = ownAssets(release.assets, of.path)
    const total = wanted.reduce((sum, { bytes }) => sum + bytes, 0)
    const hashes = new Map<string, string>()
    let before = 0
    for (const asset of wanted) {
      // Under the name it has here: GitHub puts a dot for some letters.
      const file = join(to, asset.name.endsWith('.tar.gz') ? basename(of.path) : asset.name)
      const output = await open(file, 'wx', 0o600)
      try {
        const tell = (done: number) => io.bytes(before + done, total)
        hashes.set(asset.name, await github.download(asset, tell, (chunk) => output.writeFile(chunk)))
      } finally {
        await output.close()
      }
      before += asset.bytes
    }
    const [tar = ''] = wanted.map(({ name }) => name)
    if (hashes.get(tar) !== of.sha256)
      throw new StepFailed('drill', `${tar} of the release is ${hashes.get(tar)}, the lock file here says ${of.sha256}`)
    if (hashes.has('SHA256SUMS')) await checkSums(join(to, 'SHA256SUMS'), tar, hashes)
    else io.line('the release has no SHA256SUMS; the lock file here vouches for it alone')
    for (const [name, sha256] of hashes) io.line(`${name}: ${sha256}`)
    return { bytes: before }
  },
} satisfies CallRegistry

/** The tarball first: the one of this bundle's name, else the only one; with its lock file and the sums. */
function ownAssets(assets: readonly Asset[], path: string): Asset[] {
  const tars = assets.filter(({ name, whole }) => whole && name.endsWith('.tar.gz'))
  const tar = tars.find(({ name }) => name === assetName(basename(path))) ?? (tars.length === 1 ? tars[0] : undefined)
  if (tar === undefined) throw new StepFailed('drill', `the release holds ${tars.length} bundles, and not this one`)
  const lock = tar.name.replace(/\.tar\.gz$/, '.lock.json')
  return [tar, ...assets.filter(({ name }) => name === lock || name === 'SHA256SUMS')]
}

async function checkSums(file: string, tar: string, hashes: ReadonlyMap<string, string>): Promise<void> {
  const lines = parseChecksums((await readText(file)) ?? '', 'SHA256SUMS')
  if (!lines.some(({ path }) => basename(path) === tar))
    throw new StepFailed('drill', `SHA256SUMS of the release does not name ${tar}`)
  for (const { path, sha256 } of lines) {
    const found = hashes.get(basename(path))
    if (found !== undefined && found !== sha256)
      throw new StepFailed('drill', `${basename(path)} is ${found}, SHA256SUMS of the release says ${sha256}`)
  }
}
