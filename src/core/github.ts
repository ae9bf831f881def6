import type { BackupRecord } from './backup.ts'

/** A repository on GitHub, `owner/name`; `token` is the name of the variable that holds it, never its value. */
export type GitHubPlace = { repository: string; api: string; token: string }

/** One file of a release; `sha256` null where GitHub does not say it. `whole` false: an upload that was cut off. */
export type Asset = { id: number; name: string; bytes: number; sha256: string | null; whole: boolean }

/** A release as it stands. `url` is where it is read once it is published, also while it is a draft. */
export type Release = { id: number; draft: boolean; url: string; uploadUrl: string; assets: Asset[] }

export const GITHUB_API = 'https://api.github.com'
/** The variables a token is looked for in, in this order. */
export const GITHUB_TOKENS = ['GITHUB_TOKEN', 'GH_TOKEN'] as const

/** Whether a token may be sent there: https, or this machine itself. */
export function safeApi(address: string): boolean {
  const url = URL.parse(address)
  if (url === null || url.username !== '' || url.password !== '') return false
  return (
    url.protocol === 'https:' ||
    (url.protocol === 'http:' && /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])$/.test(url.hostname))
  )
}

/** The host and `owner/name` of a remote's address, however it is spelt; null when it is none of a host. */
export function repositoryOf(remote: string): { host: string; repository: string } | null {
  const found =
    /^(?:https?|ssh|git):\/\/(?:[^/@]*@)?([^/:]+)(?::\d+)?\/([^/]+\/[^/]+?)(?:\.git)?\/?$/.exec(remote) ??
    /^(?:[^/@:]+@)?([^/:@]+):([^/]+\/[^/]+?)(?:\.git)?\/?$/.exec(remote)
  const [, host, repository] = found ?? []
  return host === undefined || repository === undefined ? null : { host: host.toLowerCase(), repository }
}

/** The version a tag stands for: without a leading `v`. */
export function versionOfTag(tag: string): string {
  return tag.replace(/^v(?=\d)/, '')
}

/** The version a bundle carries, as its lock file says. */
export function versionOfBundle({ commitSubject }: Pick<BackupRecord, 'commitSubject'>): string | null {
  return commitSubject === null || !commitSubject.startsWith('v') ? null : commitSubject.slice(1)
}

/** The name GitHub gives an asset: it puts a dot for whatever is no letter, digit, dot, dash or underscore. */
export function assetName(file: string): string {
  return file.replaceAll(/[^A-Za-z0-9._-]+/g, '.')
}

/** Where a release is read once it is published; the page of a draft has a name of its own. */
export function publishedUrl(page: string, tag: string): string {
  return page.replace(/\/releases\/tag\/[^/]*$/, `/releases/tag/${encodeURIComponent(tag)}`)
}
