import type { CallRegistry, Io } from '../../core/plan.ts'
import { captureCalls } from '../captured.ts'
import { beside, besideSeen, type Beside, drop, dropped, readable } from './beside.ts'
import { capture, onlyOf } from './capture.ts'
import { forget, forgotten } from './forget.ts'
import { exchange, exchanged, putBack, stand } from './exchange.ts'
import { reach } from './reach.ts'

/** What the steps of the PostgreSQL source name. */
export const postgresCalls = {
  'postgres.capture': capture,
  'postgres.captured': captureCalls.captured,
  'postgres.uncapture': captureCalls.uncapture,
  'postgres.readable': async (input: Beside, io: Io) => {
    const { counts } = await readable(input, io)
    return { counts: onlyOf(counts, input.part.counts ?? counts) }
  },
  'postgres.reach': reach,
  'postgres.beside': beside,
  'postgres.beside.seen': besideSeen,
  'postgres.drop': drop,
  'postgres.dropped': dropped,
  'postgres.stand': stand,
  'postgres.exchange': exchange,
  'postgres.exchanged': exchanged,
  'postgres.put-back': putBack,
  'postgres.forget': forget,
  'postgres.forgotten': forgotten,
} satisfies CallRegistry
