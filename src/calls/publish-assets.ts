import { stat } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { formatChecksums } from '../archive/checksum-list.ts'
import type { Asset, Release } from '../core/github.ts'
import { assetName } from '../core/github.ts'
import type { Io } from '../core/plan.ts'
import { readBundleLock } from '../records/bundle-lock.ts'
import { sha256Text } from '../records/read-plain.ts'
import type { Body, GitHub } from '../world/github.ts'

/** A bundle: its tarball relative to the root, and the words its name is made of. */
export type Of = { path: string; name: string; version: string }

type Wanted = { name: string; sha256: string; bytes: number; body: Body }

/**
 * What a release must hold: the tarball, its lock file, and a SHA256SUMS over these two, for whoever downloads them. Of one that is
 * published with these very bytes made at another time, it is the tarball it has: the same commit gives the same bytes.
 */
export async function wantedAssets(
  { github, io }: { github: GitHub; io: Io },
  of: Of,
  release: Pick<Release, 'draft' | 'url' | 'assets'>,
  sha256: string,
): Promise<Wanted[]> {
  const file = resolve(io.root, of.path)
  const { size: bytes } = await stat(file)
  const lock = readBundleLock(io.root, of.path, release.url)
  const tar = { name: assetName(basename(of.path)), sha256, bytes, body: { path: file, bytes } }
  const locked = textAsset(assetName(basename(lock.path)), lock.text)
  const before = release.draft ? [] : leftovers(release.assets, of, [tar.name, locked.name])
  for (const asset of before)
    if (asset.name.endsWith('.tar.gz') && (await isThere(github, asset, tar, io))) return [{ ...tar, name: asset.name }]
  const sums = formatChecksums([tar, locked].map((one) => ({ path: one.name, sha256: one.sha256 })))
  return [tar, locked, textAsset('SHA256SUMS', sums)]
}

function textAsset(name: string, text: string): Wanted {
  return { name, sha256: sha256Text(text), bytes: Buffer.byteLength(text), body: { text } }
}

/** Whether an asset is the very one that is wanted; downloaded where GitHub does not say its hash. */
export async function isThere(
  github: GitHub,
  asset: Asset,
  wanted: Pick<Wanted, 'bytes' | 'sha256'>,
  io: Io,
): Promise<boolean> {
  if (!asset.whole || asset.bytes !== wanted.bytes) return false
  return (asset.sha256 ?? (await github.download(asset, io.bytes))) === wanted.sha256
}

/** Tarballs and lock files of the same bundle and version under another time. */
export function leftovers(assets: readonly Asset[], { name, version }: Of, wanted: readonly string[]): Asset[] {
  const stem = assetName(`${name}-v${version}-`)
  const ours = (asset: string) =>
    asset.startsWith(stem) && /^[\dTZ_-]+\.(?:tar\.gz|lock\.json)$/.test(asset.slice(stem.length))
  return assets.filter((asset) => ours(asset.name) && !wanted.includes(asset.name))
}
