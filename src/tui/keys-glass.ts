import type { Row } from './keys-backups.ts'

/** The keys of break glass. The letters are for the row of parts: in a field they are written. */
export const glassKeys = {
  nextField: { keys: ['tab'], label: 'field', does: 'next field, then the parts', where: ['glass'], weight: 8 },
  otherBaseline: {
    keys: ['ctrl-o', 'o'],
    label: 'other baseline',
    does: 'take another baseline',
    where: ['glass'],
    weight: 7.3,
  },
  printCommands: {
    keys: ['ctrl-x', 'p'],
    label: 'print',
    does: 'print the exact commands',
    where: ['glass'],
    weight: 7.4,
  },
  only: {
    keys: ['ctrl-t', 't'],
    label: 'only…',
    does: 'choose which parts are put back',
    where: ['glass'],
    weight: 6,
  },
  keepData: {
    keys: ['ctrl-d', 'd'],
    label: 'keep data',
    does: 'leave databases and caches as they are, or not',
    where: ['glass'],
    weight: 5.9,
  },
  stopFirst: {
    keys: ['ctrl-e', 's'],
    label: 'stop the run first',
    does: 'ask the run that is going to stop first',
    where: ['glass'],
    weight: 7.5,
    off: ({ running }) => (running === null ? 'nothing is running' : null),
  },
} satisfies Readonly<Record<string, Row>>
