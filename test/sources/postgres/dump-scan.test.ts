import { expect, test } from 'vitest'
import { scanDump } from '../../../src/sources/postgres/dump-scan.ts'

const DUMP = `--
-- PostgreSQL database dump
--

\\restrict abc

SET client_encoding = 'UTF8';
ALTER TABLE public.users OWNER TO "An, a";
CREATE FUNCTION x() AS $$
begin
  -- COPY public.users (id) FROM stdin;
end $$;
--
-- Data for Name: users; Type: TABLE DATA; Schema: public; Owner: ana
--

COPY public.users (id, name) FROM stdin;
1\tana
2\tALTER TABLE x OWNER TO nobody;
3\t\\\\.
\\.


COPY old_style (id) FROM stdin;
1
\\.

COPY app."odd
""name" (id) FROM stdin;
\\.

GRANT SELECT ON TABLE public.users TO reader WITH GRANT OPTION;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE ana IN SCHEMA public GRANT SELECT ON TABLES TO later;

--
-- PostgreSQL database dump complete
--

\\unrestrict abc
`

test.each([1, 7, 64, 100_000])('a dump says the same in pieces of %i bytes', (size) => {
  const scan = scanDump()
  const bytes = Buffer.from(DUMP)
  for (let at = 0; at < bytes.length; at += size) scan.push(bytes.subarray(at, at + size))
  expect(scan.end()).toEqual({
    counts: { users: 3, old_style: 1, 'app."odd\n""name"': 0 },
    roles: ['An, a', 'reader', 'later'],
    restricted: true,
    complete: true,
    command: null,
  })
})

test('a dump that ends within the rows of a table is not complete, whatever its rows say', () => {
  const scan = scanDump()
  scan.push(Buffer.from('COPY public.users (id) FROM stdin;\n-- PostgreSQL database dump complete\n'))
  expect(scan.end()).toMatchObject({ complete: false, counts: { users: 1 } })
})

test('rows of a table without columns of its own are counted, and are no statements', () => {
  const scan = scanDump()
  scan.push(Buffer.from('COPY public.made  FROM stdin;\n\n\n\\.\n-- PostgreSQL database dump complete\n'))
  expect(scan.end()).toMatchObject({ complete: true, counts: { made: 2 }, command: null })
})

const END = '-- PostgreSQL database dump complete\n'

test.each([
  ['in a text, where psql takes no commands', "--\n\n\\restrict abc\nCOMMENT ON TABLE a IS 'see\n\\d a';\n", null],
  ['where psql takes them', "COMMENT ON TABLE a IS 'see\n\\d a';\n", "\\d a';"],
  ['behind a mark that stands in a text', "COMMENT ON TABLE a IS '\n\\restrict abc\n';\n\\! ls\n", '\\restrict abc'],
  ['behind the end of the mark', '\\restrict abc\n\\unrestrict abc\n\\connect other\n', '\\connect other'],
])('a line that begins like a command, %s', (_, text, command) => {
  const scan = scanDump()
  scan.push(Buffer.from(text + END))
  expect(scan.end()).toMatchObject({ complete: true, command })
})

test('rows longer than what is kept of a line are counted one by one', () => {
  const scan = scanDump()
  scan.push(Buffer.from('COPY public.files (data) FROM stdin;\n'))
  for (let row = 0; row < 3; row += 1) {
    for (let part = 0; part < 40; part += 1) scan.push(Buffer.alloc(10_000, 'x'))
    scan.push(Buffer.from('\n'))
  }
  scan.push(Buffer.from('\\.\n-- PostgreSQL database dump complete\n'))
  expect(scan.end()).toMatchObject({ complete: true, counts: { files: 3 } })
})
