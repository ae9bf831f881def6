import { parentPort, workerData } from 'node:worker_threads'
import { failureOf } from './job-failure.ts'
import { doJob, transferable } from './jobs.ts'
import type { JobName, Jobs } from './jobs.ts'

/** The worker's own entry: one job after the other, in the order they come. `pool.ts` is at the other end. */
const counter = new BigInt64Array((workerData as { counter: SharedArrayBuffer }).counter)
const count = (bytes: number): void => void Atomics.add(counter, 0, BigInt(bytes))

let before = Promise.resolve()
parentPort?.on('message', ({ id, name, input }: { id: number; name: JobName; input: Jobs[JobName]['input'] }) => {
  before = before.then(async () => {
    try {
      const answer = await doJob(name, input as never, count)
      parentPort?.postMessage({ id, answer }, transferable(answer))
    } catch (error) {
      parentPort?.postMessage({ id, failure: failureOf(error) }, [])
    }
  })
})
parentPort?.postMessage({ ready: true }, [])
