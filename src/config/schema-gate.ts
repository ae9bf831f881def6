import { z } from 'zod'
import { ASKED_KINDS } from '../core/kinds.ts'
import { argv, duration, name, sentence } from './words.ts'

const check = z.strictObject({
  id: name.describe('A short name, unique in the gate.'),
  title: sentence.optional().describe('What people read. Default: the id.'),
  run: argv.describe('The command, as a list of words; 0 passes.'),
  timeout: duration.prefault('10m').describe('When it is ended and has failed.'),
})

const confirmation = z.strictObject({
  id: name.describe('A short name, unique in the gate.'),
  title: sentence.optional().describe('What people read. Default: the id.'),
  look: sentence.describe('What to look at.'),
  why: sentence.optional().describe('Why it is asked.'),
  evidence: z
    .enum(['required', 'optional', 'visual'])
    .default('required')
    .describe('required: a file or a URL; visual: an image, a video or a URL; optional: none is fine.'),
  when: z
    .enum(['before', 'after'])
    .default('before')
    .describe('Asked before the deploy, or after live verification and before the tag.'),
})

/** The `gate:` of the file. */
export const gateKeys = z.strictObject({
  valid: duration.prefault('12h').describe('How long a passed gate stays open for its commit.'),
  approvers: z
    .array(sentence, { error: 'is a list of names' })
    .default([])
    .describe('Who may approve a waiver; empty: anyone, by name.'),
  require: z
    .strictObject({
      backup: z
        .strictObject({
          within: duration.prefault('1h').describe('How old it may be.'),
          this_session: z
            .boolean({ error: 'is true or false' })
            .default(true)
            .describe('Whether it must be made in this session.'),
          late: z.enum(['warn', 'hold']).default('warn').describe('What an older one does.'),
          kind: z
            .enum(['any', ...ASKED_KINDS])
            .default('any')
            .describe('Which kind it must be.'),
          proof: z
            .enum(['hashed', 'readable', 'restored'])
            .default('hashed')
            .describe('The least that must have been proven about it.'),
        })
        .prefault({})
        .describe('The backup a deploy needs.'),
    })
    .prefault({})
    .describe('What must be there besides the checks.'),
  checks: z
    .array(check, { error: 'is a list of checks' })
    .default([])
    .describe('Commands that must pass for exactly this commit.'),
  confirmations: z
    .array(confirmation, { error: 'is a list of confirmations' })
    .default([])
    .describe('What a person looks at and confirms, with evidence.'),
})
