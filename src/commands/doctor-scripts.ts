import { lookAround } from '../config/repo-view.ts'
import type { Check } from '../core/plug-in.ts'
import { clean } from '../core/text.ts'

const SCRIPT = /^(?:[^/]+\/)?scripts?\/(?:[^/]+\/)*[^/]+\.(?:sh|bash|zsh|py|rb|pl|ps1|[cm]?[jt]s)$/i
const DOCUMENT = /\.(?:md|mdx|rst|adoc|txt)$/i
/** Words of ours about a release are no description of a script. */
const OWN = /^(?:deploy_logs|backups|releases|immaculate|drills|evidence)\//
const MOST_DOCUMENTS = 500
const SHOWN = 8

/** Scripts that no text of the repository names: what they are for knows only who wrote them. */
export async function checkScripts(root: string): Promise<Check[]> {
  const look = await lookAround(root)
  const scripts = look.files.filter((path) => SCRIPT.test(path) && !/\.legacy\.\w+$/.test(path))
  if (scripts.length === 0) return []
  const unnamed = new Set(scripts)
  for (const path of look.files.filter((one) => DOCUMENT.test(one) && !OWN.test(one)).slice(0, MOST_DOCUMENTS)) {
    const text = (await look.read(path)) ?? ''
    for (const script of unnamed) if (text.includes(script.split('/').at(-1) ?? script)) unnamed.delete(script)
  }
  const id = 'scripts'
  if (unnamed.size === 0)
    return [{ id, ok: true, says: `each of the ${scripts.length} scripts is documented`, fix: '' }]
  const names = [...unnamed].toSorted()
  const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : ''
  const says = `nothing documents ${names.slice(0, SHOWN).map(clean).join(', ')}${more}`
  return [{ id, ok: 'unknown', says, fix: 'Name each in a README with its owner and purpose, or remove it.' }]
}
