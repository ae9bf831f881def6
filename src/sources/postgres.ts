import type { Source } from '../core/plug-in.ts'
import { postgresCalls } from './postgres/calls.ts'
import { detectPostgres } from './postgres/detect.ts'
import { doctorPostgres } from './postgres/doctor.ts'
import { observePostgres } from './postgres/observe.ts'
import { options, type Options } from './postgres/options.ts'
import {
  backStep,
  captureSteps,
  forgetStep,
  manualLines,
  reachCall,
  readableStep,
  restoreSteps,
} from './postgres/steps.ts'

/** A PostgreSQL database, by its own tools: one snapshot dumped and counted; restored beside the live one and exchanged. */
export const postgres: Source<Options> = {
  use: 'postgres',
  says: 'A PostgreSQL database, dumped from one snapshot and counted; restored beside the live one, then exchanged with it.',
  holds: 'database',
  standsIn: 'a new database on its server',
  options,
  detect: detectPostgres,
  doctor: async (o, place) => doctorPostgres(o, place.signal),
  observe: async (o, place) => observePostgres(o, place.signal),
  calls: postgresCalls,
  capture: captureSteps,
  readable: readableStep,
  restore: restoreSteps,
  reach: reachCall,
  back: backStep,
  forget: forgetStep,
  manual: (_, part) => manualLines(part.path),
}
