import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import type { Octokit } from '@octokit/rest'
import { StepFailed } from '../core/failure.ts'
import type { Asset, GitHubPlace, Release } from '../core/github.ts'
import { publishedUrl, safeApi } from '../core/github.ts'
import { answered, githubFailure } from './github-failure.ts'

const ANSWER_MS = 60_000
/** How long an upload or a download may stand still. */
const IDLE_MS = 120_000

/** What is uploaded: a file that is streamed, or a text. */
export type Body = { path: string; bytes: number } | { text: string }

type OnBytes = (done: number, total: number) => void
type Keep = (chunk: Uint8Array) => Promise<unknown>

/** The releases of one repository. Every function throws a `UserError` or a `StepFailed` that says what GitHub refused. */
export type GitHub = Awaited<ReturnType<typeof openGitHub>>

/** Opens the door to GitHub; nothing is asked yet. `value` is the token's; null asks as anybody may. Octokit is loaded here, not before. */
export async function openGitHub(place: GitHubPlace, value: string | null, signal: AbortSignal) {
  const { Octokit: Client } = await import('@octokit/rest')
  const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
  const octokit: Octokit = new Client({
    ...(value === null ? {} : { auth: value }),
    baseUrl: place.api,
    log: quiet,
    userAgent: 'knowngood',
  })
  const [owner = '', repo = ''] = place.repository.split('/')
  const own = { owner, repo }
  const request = () => ({ signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]) })
  const told = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      signal.throwIfAborted()
      throw githubFailure(error, place, what)
    }
  }
  const unless404 = async <T>(work: () => Promise<T>): Promise<T | null> =>
    work().catch((error: unknown) => {
      if (answered(error, 404)) return null
      throw error
    })

  const assetsOf = async (release_id: number): Promise<Asset[]> => {
    const list = await octokit.paginate(octokit.rest.repos.listReleaseAssets, {
      ...own,
      release_id,
      per_page: 100,
      request: request(),
    })
    return list.map(assetFrom)
  }
  const releaseFrom = async (raw: RawRelease, tag: string): Promise<Release> => ({
    id: raw.id,
    draft: raw.draft,
    url: publishedUrl(raw.html_url, tag),
    uploadUrl: raw.upload_url,
    // Uploads that were cut off are named by this list only.
    assets: await assetsOf(raw.id),
  })

  return {
    /** The commit a tag stands on at GitHub; null when it is not there. A repository that cannot be seen is an error. */
    tagCommit: async (tag: string) =>
      told(`Look for the tag ${tag}`, async () => {
        const ref = await unless404(() => octokit.rest.git.getRef({ ...own, ref: `tags/${tag}`, request: request() }))
        if (ref === null) {
          await octokit.rest.repos.get({ ...own, request: request() })
          return null
        }
        const { sha, type } = ref.data.object
        if (type !== 'tag') return sha
        const made = await octokit.rest.git.getTag({ ...own, tag_sha: sha, request: request() })
        return made.data.object.sha
      }),

    /** The release of a tag: the published one, else its oldest draft. */
    findRelease: async (tag: string): Promise<Release | null> =>
      told(`Look for the release ${tag}`, async () => {
        const published = await unless404(() => octokit.rest.repos.getReleaseByTag({ ...own, tag, request: request() }))
        if (published !== null) return releaseFrom(published.data, tag)
        const list = await octokit.paginate(octokit.rest.repos.listReleases, {
          ...own,
          per_page: 100,
          request: request(),
        })
        const draft = list.filter(({ tag_name }) => tag_name === tag).toSorted((a, b) => a.id - b.id)[0]
        return draft === undefined ? null : releaseFrom(draft, tag)
      }),

    /** A release by its id, as it stands now. */
    release: async (release_id: number, tag: string): Promise<Release> =>
      told(`Look at the release ${tag}`, async () =>
        releaseFrom((await octokit.rest.repos.getRelease({ ...own, release_id, request: request() })).data, tag),
      ),

    createDraft: async (tag: string): Promise<Release> =>
      told(`Draft the release ${tag}`, async () => {
        const asked = {
          ...own,
          tag_name: tag,
          name: tag,
          draft: true,
          generate_release_notes: true,
          request: request(),
        }
        return releaseFrom((await octokit.rest.repos.createRelease(asked)).data, tag)
      }),

    publish: async (release_id: number, tag: string): Promise<void> =>
      told(`Publish the release ${tag}`, async () => {
        await octokit.rest.repos.updateRelease({ ...own, release_id, tag_name: tag, draft: false, request: request() })
      }),

    /** Removes an asset; one that is gone already is fine. */
    removeAsset: async ({ id, name }: Pick<Asset, 'id' | 'name'>): Promise<void> =>
      told(`Remove ${name}`, async () => {
        await unless404(() => octokit.rest.repos.deleteReleaseAsset({ ...own, asset_id: id, request: request() }))
      }),

    /** Uploads one asset to the release's own address, which need not be the API's. */
    upload: async (release: Pick<Release, 'uploadUrl'>, name: string, body: Body, onBytes: OnBytes): Promise<Asset> =>
      told(`Upload ${name}`, async () => {
        const bare = release.uploadUrl.replace(/\{[^}]*\}$/, '')
        if (!safeApi(bare)) throw new StepFailed('publish', `GitHub names ${bare} for uploads, where no token is sent`)
        return moving(signal, async (still, idle) => {
          const bytes = 'text' in body ? Buffer.byteLength(body.text) : body.bytes
          const { data } = await octokit.request({
            method: 'POST',
            url: `${bare}{?name}`,
            name,
            data: 'text' in body ? Buffer.from(body.text) : counted(body, still, onBytes),
            headers: { 'content-type': typeOf(name), 'content-length': bytes },
            request: { signal: idle },
          })
          onBytes(bytes, bytes)
          return assetFrom(data as RawAsset)
        })
      }),

    /** The SHA-256 of an asset's bytes as GitHub serves them, read to the end; `keep` is given each piece. */
    download: async (
      { id, name, bytes }: Asset,
      onBytes: OnBytes,
      keep: Keep = () => Promise.resolve(),
    ): Promise<string> =>
      told(`Read ${name} back`, async () =>
        moving(signal, async (still, idle) => {
          const { data } = await octokit.request('GET /repos/{owner}/{repo}/releases/assets/{asset_id}', {
            ...own,
            asset_id: id,
            headers: { accept: 'application/octet-stream' },
            request: { signal: idle, parseSuccessResponseBody: false },
          })
          const hash = createHash('sha256')
          let done = 0
          for await (const chunk of data as unknown as AsyncIterable<Uint8Array>) {
            still()
            hash.update(chunk)
            await keep(chunk)
            done += chunk.length
            onBytes(done, bytes)
          }
          return hash.digest('hex')
        }),
      ),
  }
}

type RawAsset = { id: number; name: string; size: number; state: string; digest?: string | null }
type RawRelease = { id: number; draft: boolean; html_url: string; upload_url: string }

function assetFrom({ id, name, size, state, digest }: RawAsset): Asset {
  const sha256 = /^sha256:([0-9a-f]{64})$/.exec(digest ?? '')?.[1] ?? null
  return { id, name, bytes: size, sha256, whole: state === 'uploaded' }
}

/** Work that is aborted when it stands still: `still` is to be called whenever a byte went by. */
async function moving<T>(signal: AbortSignal, work: (still: () => void, idle: AbortSignal) => Promise<T>): Promise<T> {
  const late = new AbortController()
  const timer = setTimeout(
    () => late.abort(new StepFailed('publish', `nothing moved for ${IDLE_MS / 1000} s`)),
    IDLE_MS,
  )
  try {
    return await work(() => void timer.refresh(), AbortSignal.any([signal, late.signal]))
  } finally {
    clearTimeout(timer)
  }
}

async function* counted({ path, bytes }: { path: string; bytes: number }, still: () => void, onBytes: OnBytes) {
  let done = 0
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    still()
    yield chunk
    done += chunk.length
    onBytes(done, bytes)
  }
}

function typeOf(name: string): string {
  if (name.endsWith('.gz')) return 'application/gzip'
  return name.endsWith('.json') ? 'application/json' : 'text/plain'
}
