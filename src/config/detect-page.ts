import type { Draft, Finding } from './draft.ts'
import { packageOf } from './package-json.ts'
import { LIVE_SCRIPT, plainPath, type Look } from './repo-view.ts'

const STAMP = /<!--\s*BUILD_ID:\s*([^\s<>]*?)\s*-->/i
const MOST_PAGES = 200

/** Where the BUILD_ID stands in the site's pages, and the address that serves them. */
export async function detectPage(look: Look): Promise<Draft> {
  const found: Finding[] = []
  const unsure: string[] = []
  const stamps = await stampsIn(look)
  const place = stamps[0]
  if (place === undefined) {
    unsure.push(
      'No page carries a BUILD_ID comment (<!-- BUILD_ID:… -->): without one, verification proves that production answers, not what it serves.',
    )
  } else {
    const where = stamps.map(({ file }) => file).join(', ')
    found.push({ key: ['build', 'stamp'], value: stamps, what: 'the BUILD_ID', where })
  }
  const site = await siteOf(look)
  if (site === null) {
    unsure.push("Production's address is not known: add it to verify.checks, else a deploy cannot be verified.")
    const check = { url: 'https://example.com/', ...(place === undefined ? { status: 200 } : { contains: place.text }) }
    found.push({ key: ['verify', 'checks'], value: [check], what: null, where: 'an example', suggestion: true })
  } else {
    const check = { url: site.url, ...(place === undefined ? { status: 200 } : { contains: place.text }) }
    found.push({ key: ['verify', 'checks'], value: [check], what: `production at ${site.url}`, where: site.where })
    if (!site.sure) unsure.push(`${site.url} is taken from ${site.where}: see that it is what production serves.`)
  }
  return { found, unsure }
}

async function stampsIn(look: Look): Promise<{ file: string; text: string }[]> {
  const pages = look.files
    .filter((path) => /\.html?$/i.test(path) && !/(?:^|\/)(?:backups|test|tests|fixtures|docs?|evidence)\//i.test(path))
    .slice(0, MOST_PAGES)
  const stamps: { file: string; text: string }[] = []
  for (const file of pages) {
    const match = STAMP.exec((await look.read(file)) ?? '')
    if (match === null) continue
    const [whole, id = ''] = match
    const from = whole.search(/:/) + 1
    const text =
      id === '' ? whole.replace(/:\s*/, ':{id}') : whole.slice(0, from) + whole.slice(from).replace(id, '{id}')
    if (!/[\r\n]/.test(text) && plainPath(file)) stamps.push({ file, text })
  }
  return stamps.slice(0, 10)
}

async function siteOf(look: Look): Promise<{ url: string; where: string; sure: boolean } | null> {
  for (const where of ['CNAME', 'public/CNAME', 'static/CNAME', 'docs/CNAME']) {
    const host = (await look.read(where))?.split(/\r?\n/)[0]?.trim() ?? ''
    if (/^(?=.{4,253}$)[a-z0-9-]+(?:\.[a-z0-9-]+)+$/i.test(host)) return { url: `https://${host}/`, where, sure: true }
  }
  for (const where of look.files.filter((path) => /^(?:(?:apps|packages)\/)?(?:[^/]+\/)?package\.json$/.test(path))) {
    const homepage = packageOf(await look.read(where))['homepage']
    if (isSite(homepage)) return { url: homepage, where: `homepage in ${where}`, sure: false }
  }
  return await siteInScripts(look)
}

/** What the script that looks at production reads, when it is one address alone. */
async function siteInScripts(look: Look): Promise<{ url: string; where: string; sure: boolean } | null> {
  for (const where of look.files.filter((path) => LIVE_SCRIPT.test(path))) {
    const text = (await look.read(where)) ?? ''
    const urls = [...new Set(text.match(/https?:\/\/[\w.:/~-]+/g))].filter(isSite)
    const [url] = urls
    if (url !== undefined && urls.length === 1) return { url, where, sure: false }
  }
  return null
}

function isSite(url: unknown): url is string {
  if (typeof url !== 'string' || !/^https?:\/\/[\w.:/~-]+$/.test(url) || !URL.canParse(url)) return false
  return !/(?:^|\.)(?:github|gitlab|bitbucket|npmjs)\.(?:com|org)$/.test(new URL(url).hostname)
}
