import { filesOf } from './site.ts'
import type { Site } from './site.ts'

/** Who made it and when, as git writes it; always UTC so that the same story gives the same ids everywhere. */
function signature(name: string, at: Date): string {
  return `${name} <${name}@mosaic.example> ${Math.floor(at.getTime() / 1000)} +0000`
}

const data = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}\n`

export type NewCommit = { site: Site; by: string; at: Date; subject: string }

/** One commit for `git fast-import`. `from` is needed by a branch's first commit in a stream only; empty: a root. */
export function commitStream({ site, by, at, subject }: NewCommit, from: string, branch = 'main'): string {
  const files = Object.entries(filesOf(site)).map(([path, text]) => {
    const mode = path.endsWith('.sh') ? '100755' : '100644'
    return `M ${mode} inline ${path}\n${data(text)}`
  })
  return [
    `commit refs/heads/${branch}\n`,
    `committer ${signature(by, at)}\n`,
    data(`${subject}\n`),
    from === '' ? '' : `from ${from}\n`,
    'deleteall\n',
    ...files,
    '\n',
  ].join('')
}

/** An annotated tag on main as it stands. */
export function tagStream(name: string, by: string, at: Date, message: string): string {
  return `tag ${name}\nfrom refs/heads/main\ntagger ${signature(by, at)}\n${data(`${message}\n`)}`
}
