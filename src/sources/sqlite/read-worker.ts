import { parentPort, workerData } from 'node:worker_threads'
import { messageOf } from '../../core/failure.ts'
import { readWhole, type Read, type Reading } from './read-whole.ts'

/** The worker's own entry: reads one database, says what it found, and ends. `inspect.ts` is at the other end. */
function read(reading: Reading): Read {
  try {
    return readWhole(reading)
  } catch (error) {
    return { because: `cannot be read: ${messageOf(error)}`, said: [] }
  }
}

parentPort?.postMessage(read(workerData as Reading), [])
