import type { Site } from './site.ts'

/** One commit of the story: when (days before now, UTC hour:minute), by whom, why, and what it changes. */
export type Chapter = {
  ago: number
  at: string
  by: 'ana' | 'ben'
  subject: string
  change: (site: Site, day: string) => Partial<Site>
  /** The commit is released: tagged, deployed and written down by hand under this slug. */
  release?: { slug: string; title: string; notes: string }
}

/** Adds lines to a page. */
export const html =
  (name: keyof Site['pages'], ...lines: string[]) =>
  (site: Site): Partial<Site> => ({ pages: { ...site.pages, [name]: [...site.pages[name], ...lines] } })

/** Adds lines to another file of the site. */
export const add =
  (part: 'styles' | 'chat' | 'signIn' | 'readme' | 'checks', ...lines: string[]) =>
  (site: Site): Partial<Site> => ({ [part]: [...site[part], ...lines] })

/** A migration, dated the day of its commit. */
export const migration =
  (name: string, ...sql: string[]) =>
  (site: Site, day: string): Partial<Site> => ({
    migrations: {
      ...site.migrations,
      [`migrations/${day.replaceAll('-', '')}090000_${name}.sql`]: `${sql.join('\n')}\n`,
    },
  })

export const version = (version: string) => (): Partial<Site> => ({ version })
