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

const html =
  (name: keyof Site['pages'], ...lines: string[]) =>
  (site: Site): Partial<Site> => ({ pages: { ...site.pages, [name]: [...site.pages[name], ...lines] } })

const add =
  (part: 'styles' | 'chat' | 'signIn' | 'readme' | 'checks', ...lines: string[]) =>
  (site: Site): Partial<Site> => ({ [part]: [...site[part], ...lines] })

const migration =
  (name: string, ...sql: string[]) =>
  (site: Site, day: string): Partial<Site> => ({
    migrations: {
      ...site.migrations,
      [`migrations/${day.replaceAll('-', '')}090000_${name}.sql`]: `${sql.join('\n')}\n`,
    },
  })

const version = (version: string) => (): Partial<Site> => ({ version })

/** Four releases over five weeks, then what ana and ben have ready and nobody has released. */
export const story: readonly Chapter[] = [
  { ago: 38, at: '09:10', by: 'ana', subject: 'Start the site', change: html('index', '<h1>Mosaic</h1>') },
  {
    ago: 38,
    at: '11:42',
    by: 'ana',
    subject: 'Say what Mosaic is for',
    change: html('index', '<p>Find the work that fits you.</p>'),
  },
  {
    ago: 36,
    at: '08:30',
    by: 'ben',
    subject: 'Keep people in a table of their own',
    change: migration(
      'users',
      'create table users (id integer primary key, email text not null unique, created_at text not null);',
    ),
  },
  {
    ago: 35,
    at: '13:05',
    by: 'ben',
    subject: 'Add the sign-in form',
    change: html(
      'sign-in',
      '<form><label>Email <input name="email" type="email"></label> <button>Sign in</button></form>',
      '<script src="scripts/sign-in.js"></script>',
    ),
  },
  {
    ago: 33,
    at: '10:20',
    by: 'ana',
    subject: 'Tell people when the address is not an address',
    change: add('signIn', 'const valid = (email) => /^[^@\\s]+@[^@\\s]+$/.test(email)'),
  },
  {
    ago: 31,
    at: '15:48',
    by: 'ana',
    subject: 'Check every page for a title before pushing',
    change: add(
      'checks',
      'for page in *.html; do grep -q "<title>" "$page" || fail "$page has no title"; done',
      'echo "ok    every page has a title"',
    ),
  },
  {
    ago: 29,
    at: '09:31',
    by: 'ben',
    subject: 'Describe how a release is made',
    change: add(
      'readme',
      '',
      '## Releasing',
      '',
      'Back up, pass the gate, push main. The host publishes main and stamps BUILD_ID.',
    ),
  },
  {
    ago: 25,
    at: '16:02',
    by: 'ana',
    subject: 'Let the sign-in page breathe',
    change: add('styles', 'form { display: grid; gap: .75rem }'),
  },
  {
    ago: 24,
    at: '14:10',
    by: 'ana',
    subject: 'Release 1.1.0',
    change: version('1.1.0'),
    release: { slug: 'first-sign-in', title: 'First sign-in', notes: 'First release with accounts. Quiet.' },
  },
  {
    ago: 23,
    at: '10:15',
    by: 'ben',
    subject: 'Open a page for the chat',
    change: html(
      'chat',
      '<h1>Talk it through</h1>',
      '<form><input name="question" aria-label="Question"> <button>Ask</button></form>',
    ),
  },
  {
    ago: 21,
    at: '09:40',
    by: 'ben',
    subject: 'Answer the first question from the guide',
    change: add('chat', "const answers = new Map([['hello', 'Hello. What did you enjoy doing last week?']])"),
  },
  {
    ago: 20,
    at: '17:25',
    by: 'ana',
    subject: 'Link the chat from the start page',
    change: html('index', '<p><a href="chat.html">Talk it through</a></p>'),
  },
  {
    ago: 18,
    at: '08:55',
    by: 'ben',
    subject: 'Remember conversations',
    change: migration(
      'conversations',
      'create table conversations (id integer primary key, user_id integer not null references users (id), question text not null, answer text not null, asked_at text not null);',
    ),
  },
  {
    ago: 15,
    at: '11:11',
    by: 'ana',
    subject: 'Refuse migrations that share a number',
    change: add(
      'checks',
      'twice=$(ls migrations | cut -d_ -f1 | sort | uniq -d)',
      '[ -z "$twice" ] || fail "two migrations share $twice"',
      'echo "ok    $(ls migrations | wc -l | tr -d " ") migrations, no number twice"',
    ),
  },
  {
    ago: 13,
    at: '16:44',
    by: 'ben',
    subject: 'Send an empty question nowhere',
    change: add('chat', "const asks = (text) => text.trim() !== ''"),
  },
  {
    ago: 12,
    at: '10:48',
    by: 'ben',
    subject: 'Release 1.2.0',
    change: version('1.2.0'),
    release: {
      slug: 'chat-history',
      title: 'Chat with history',
      notes:
        'Migration ran before the push. Sign-in was broken for nine minutes: the session cookie named the old host. Fixed on the host.',
    },
  },
  {
    ago: 11,
    at: '09:05',
    by: 'ana',
    subject: 'Say which host the session cookie belongs to',
    change: add(
      'readme',
      '',
      'The session cookie belongs to the host that served the page (`config/session.json`, domain null).',
    ),
  },
  {
    ago: 10,
    at: '14:37',
    by: 'ben',
    subject: 'Keep the chat readable on a phone',
    change: add('styles', '@media (max-width: 30rem) { body { padding: 0 1rem } }'),
  },
  {
    ago: 9,
    at: '16:08',
    by: 'ana',
    subject: 'Release 1.2.1',
    change: version('1.2.1'),
    release: { slug: 'phone-layout', title: 'Phone layout', notes: 'Patch. Walked through on two phones.' },
  },
  {
    ago: 8,
    at: '10:22',
    by: 'ben',
    subject: 'Start PS101 in a quality mode',
    change: add('chat', "const mode = new URLSearchParams(location.search).get('mode') ?? 'live'"),
  },
  {
    ago: 7,
    at: '12:50',
    by: 'ana',
    subject: 'Show which mode the chat is in',
    change: html('chat', '<p id="mode"></p>'),
  },
  {
    ago: 6,
    at: '09:00',
    by: 'ben',
    subject: 'Record the mode a conversation was held in',
    change: migration('conversation_mode', "alter table conversations add column mode text not null default 'live';"),
  },
  {
    ago: 5,
    at: '15:33',
    by: 'ana',
    subject: 'Explain the quality mode',
    change: add('readme', '', 'Add `?mode=qa` to the chat to try answers without keeping them.'),
  },
  {
    ago: 3,
    at: '03:12',
    by: 'ana',
    subject: 'Release 1.3.0',
    change: version('1.3.0'),
    release: {
      slug: 'ps101-qa-mode',
      title: 'PS101 QA mode',
      notes: 'Released at night; chat and sign-in walked through at 03:40.',
    },
  },
  {
    ago: 2,
    at: '08:47',
    by: 'ben',
    subject: 'Offer three openings when the chat is empty',
    change: html('chat', '<ul><li>What did I enjoy?</li><li>What tired me?</li><li>What next?</li></ul>'),
  },
  {
    ago: 2,
    at: '13:20',
    by: 'ana',
    subject: 'Make the question field the first stop of the tab key',
    change: add('chat', "document.querySelector('[name=question]')?.focus()"),
  },
  {
    ago: 1,
    at: '09:14',
    by: 'ben',
    subject: 'Let people name a conversation',
    change: migration('conversation_names', 'alter table conversations add column name text;'),
  },
  {
    ago: 1,
    at: '10:58',
    by: 'ben',
    subject: 'Show the name above the conversation',
    change: html('chat', '<h2 id="name"></h2>'),
  },
  { ago: 1, at: '16:31', by: 'ana', subject: 'Prepare 1.4.0', change: version('1.4.0') },
]

/**
 * A change that passes every check here and breaks sign-in in production: the cookie then names another host. It
 * waits on a branch of its own; merging it makes the next release a bad one.
 */
export const badChapter = {
  ago: 1,
  at: '17:20',
  by: 'ben',
  branch: 'share-sign-in',
  subject: 'Share the sign-in across subdomains',
  cookieDomain: 'mosaic.example',
} as const
