import { availableParallelism } from 'node:os'
import { setImmediate as breathe } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { workerFile } from '../world/worker-file.ts'
import type { JobFailure } from './job-failure.ts'
import { errorOf } from './job-failure.ts'
import { doJob } from './jobs.ts'
import type { JobName, Jobs } from './jobs.ts'

/** Workers for one piece of work. They start when there is something to do, and end with it. */
export type Pool = {
  /** How many jobs are worked on at a time. */
  width: number
  /** Calls a worker that will be needed, so that it starts meanwhile. */
  warm(): void
  /** Does a job. */
  run<K extends JobName>(name: K, input: Jobs[K]['input'], how?: How): Promise<Jobs[K]['output']>
  /** Bytes counted by all jobs so far, those under way included. */
  counted(): number
  /** Ends all workers; what they were doing is rejected. */
  end(): Promise<void>
}

/**
 * `transfer` is memory that is handed over: the caller must not touch it again. A `brief` job takes some milliseconds: until a worker is
 * ready it is done in this thread, and the first few call none, so that little work needs none at all. `pinned` jobs are all done by
 * the same worker, whatever else it has to do.
 */
type How = { transfer?: ArrayBuffer[]; brief?: boolean; pinned?: boolean }

type Task = {
  name: JobName
  input: Jobs[JobName]['input']
  transfer: ArrayBuffer[]
  brief: boolean
  resolve(answer: never): void
  reject(error: unknown): void
}
type Hand = { worker: Worker; ready: boolean; tasks: Map<number, Task> }

const MOST = 8
/** One under way and some waiting: jobs may be shorter than it takes until the other end has its turn. */
const DEPTH = 4
/** So many brief jobs are little work. They must be counted: done here, each ends before the next is known. */
const FEW = 2

/**
 * `threads`: how many threads work at most; with none, or on one core, jobs are done in this one, between its other work. `joins`: this
 * thread has nothing else to do, and is one of them: a worker less has to start.
 */
export function openPool(signal?: AbortSignal, threads: number = cores(), joins = false): Pool {
  const workers = joins ? threads - 1 : threads
  const counter = new BigInt64Array(new SharedArrayBuffer(8))
  const hands: Hand[] = []
  const queue: Task[] = []
  let id = 0
  let busy = 0
  let done = 0
  let here = workers < 1
  let alone: Promise<unknown> = Promise.resolve()
  let over: unknown = null

  const doHere = (task: Task): void => {
    queue.shift()
    busy += 1
    alone = alone.then(async () => {
      await breathe()
      const count = (bytes: number): void => {
        if (over !== null) throw over
        Atomics.add(counter, 0, BigInt(bytes))
      }
      if (over !== null) task.reject(over)
      else
        await doJob(task.name, task.input as never, count).then(task.resolve as (answer: unknown) => void, task.reject)
      busy -= 1
      done += 1
      deal()
    })
  }
  const deal = (): void => {
    for (let task = queue[0]; task !== undefined && over === null; task = queue[0]) {
      const free = hands.filter((one) => one.ready && one.tasks.size < DEPTH)
      const hand = free.toSorted((a, b) => a.tasks.size - b.tasks.size)[0]
      const little = task.brief && queue.length === 1 && busy === 0 && done < FEW
      if (!here && hands.length < workers && (hand?.tasks.size ?? 1) > 0 && !little) hands.push(hire())
      if (here || (hand === undefined && task.brief && busy === 0 && (joins || !hands.some(({ ready }) => ready))))
        doHere(task)
      else if (hand === undefined) return
      else {
        queue.shift()
        give(hand, task)
      }
    }
  }
  const give = (hand: Hand, task: Task): void => {
    hand.tasks.set((id += 1), task)
    hand.worker.postMessage({ id, name: task.name, input: task.input }, task.transfer)
  }
  const fail = (error: unknown): void => {
    over ??= error
    for (const task of queue.splice(0)) task.reject(error)
    for (const hand of hands) for (const task of hand.tasks.values()) task.reject(error)
  }
  const hire = (): Hand => {
    const worker = new Worker(workerFile(import.meta.url, 'archive-worker'), {
      workerData: { counter: counter.buffer },
      execArgv: [],
      // Content lives outside of the heap; what is in it is small, but soon gone: with less room for it there is no end to the collecting.
      resourceLimits: { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 128 },
    })
    const hand: Hand = { worker, ready: false, tasks: new Map() }
    worker.on('message', (message: { ready?: true; id: number; answer?: never; failure?: JobFailure }) => {
      if (message.ready === true) hand.ready = true
      else {
        const task = hand.tasks.get(message.id)
        hand.tasks.delete(message.id)
        if (message.failure === undefined) task?.resolve(message.answer as never)
        else task?.reject(errorOf(message.failure))
      }
      deal()
    })
    worker.on('error', (error) => {
      if (hand.ready || over !== null) return fail(error)
      // No worker can be started here: slower, but it works.
      here = true
      queue.unshift(...hand.tasks.values())
      hand.tasks.clear()
      deal()
    })
    return hand
  }
  const stop = (): void => fail(signal?.reason)
  signal?.addEventListener('abort', stop, { once: true })
  if (signal?.aborted === true) stop()

  return {
    width: Math.max(1, threads),
    warm() {
      if (!here && over === null && hands.length < workers) hands.push(hire())
    },
    run: (name, input, { transfer = [], brief = false, pinned = false } = {}) => {
      const answer = new Promise<never>((resolve, reject) => {
        if (over !== null) return reject(over)
        const task = { name, input, transfer, brief, resolve, reject }
        if (pinned && !here) {
          // Messages wait for a worker that is not ready yet.
          if (hands[0] === undefined) hands.push(hire())
          if (hands[0] !== undefined) give(hands[0], task)
          return
        }
        queue.push(task)
        deal()
      })
      // Whoever asked looks at it in its own time.
      answer.catch(() => undefined)
      return answer
    },
    counted: () => Number(Atomics.load(counter, 0)),
    async end() {
      signal?.removeEventListener('abort', stop)
      fail(new Error('the work was ended'))
      await Promise.all([alone, ...hands.map(({ worker }) => worker.terminate())])
    },
  }
}

/** Workers that pay: one a core, but none on a single core. */
function cores(): number {
  const available = availableParallelism()
  return available === 1 ? 0 : Math.min(available, MOST)
}
