import { size } from './age.ts'
import type { BackupRecord } from './backup.ts'
import { KINDS } from './kinds.ts'
import { codeSpan, escapeMarkdown } from './markdown.ts'
import { clean } from './text.ts'

/** A file of the folder, and the shell lines that put one source back with standard tools. */
export type ManifestFile = { path: string; bytes: number; sha256: string }
export type ManifestSource = { name: string; use: string; commands: readonly string[] }

type Of = { project: string; environment: string }

/**
 * MANIFEST.md of a folder: what it is, how it is put back without us, and what it holds. The `sh` blocks are run by a test
 * as they stand, inside the folder. `files` are all but the manifest and the checksum list, which cannot name themselves.
 */
export function manifest(
  record: BackupRecord,
  of: Of,
  sources: readonly ManifestSource[],
  files: readonly ManifestFile[],
): string {
  const total = files.reduce((sum, file) => sum + file.bytes, 0)
  const lines = [
    `# ${escapeMarkdown(record.id)}`,
    '',
    `A ${record.kind} backup of ${escapeMarkdown(of.project)} / ${escapeMarkdown(of.environment)}: ${KINDS[record.kind].saves}.`,
    '',
    ...facts(record).map(([name, value]) => `- ${name}: ${value}`),
    '',
    '**Restore Command:**',
    '',
    ...fence([`knowngood restore ${record.id}`], 'console'),
    '',
    '## Check it first',
    '',
    ...fence(['sha256sum -c CHECKSUM.sha256']),
    '',
    '## Restore with standard tools only',
    '',
    'Run inside this folder. Where the lines go to is said by the variables in them; nothing here touches what is live.',
    '',
    ...sources.flatMap(({ name, use, commands }) =>
      commands.length === 0 ? [] : [`### ${escapeMarkdown(name)} (${escapeMarkdown(use)})`, '', ...fence(commands), ''],
    ),
    `**Contents:** ${files.length} files, ${size(total)}`,
    '',
    '| file | size | sha256 |',
    '|---|---|---|',
    ...files.map(
      (file) => `| ${codeSpan(file.path).replaceAll('|', '\\|')} | ${size(file.bytes)} | \`${file.sha256}\` |`,
    ),
    '| `CHECKSUM.sha256` | | of every other file |',
    '',
    ...list('Left out', record.leftOut ?? []),
    ...list('Look at this', record.doubts ?? []),
  ]
  return `${lines.join('\n').trimEnd()}\n`
}

function facts(record: BackupRecord): [string, string][] {
  const said: [string, string | null][] = [
    ['Made', `${record.at}${record.operator === null ? '' : ` by ${escapeMarkdown(record.operator)}`}`],
    [
      'Commit',
      record.commit === null ? null : `\`${record.commit}\` ${escapeMarkdown(record.commitSubject ?? '')}`.trim(),
    ],
    ['Schema revision', record.schemaRevision === null ? null : codeSpan(record.schemaRevision)],
    ['Notes', record.notes === null ? null : escapeMarkdown(record.notes)],
    ['Run', record.run === null ? null : `\`${record.run}\``],
  ]
  return said.flatMap(([name, value]) => (value === null ? [] : [[name, value]]))
}

function fence(lines: readonly string[], language = 'sh'): string[] {
  return [`\`\`\`${language}`, ...lines, '```']
}

function list(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`## ${title}`, '', ...lines.map((line) => `- ${escapeMarkdown(clean(line))}`), '']
}
