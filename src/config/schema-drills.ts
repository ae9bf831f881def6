import { z } from 'zod'
import { argv, duration, insidePath, name, sentence } from './words.ts'

const confirmation = z.strictObject({
  id: name.describe('A short name, unique in the drill.'),
  title: sentence.optional().describe('What people read. Default: the id.'),
  look: sentence.describe('What to look at.'),
})

const drill = (every: string) => ({
  every: duration.prefault(every).describe('How often it is to be passed.'),
  smoke: z
    .array(argv, { error: 'is a list of commands, each a list of words' })
    .default([])
    .describe('Commands run against what was restored; KNOWNGOOD_SCRATCH names the folder.'),
  files: z
    .array(insidePath, { error: 'is a list of paths' })
    .default([])
    .describe('Key files that must be in what was restored.'),
  confirmations: z
    .array(confirmation, { error: 'is a list of { id, title, look }' })
    .default([])
    .describe('What a person looks at.'),
})

/** The `drills:` of the file. */
export const drillKeys = z.strictObject({
  log: insidePath.default('drills').describe('The folder of the checklists, or one .md file they are added to.'),
  spot: z.strictObject(drill('30d')).prefault({}).describe('The newest bundle, data archive and release backup.'),
  full: z.strictObject(drill('90d')).prefault({}).describe('All of it, and the newest of every other kind.'),
})
