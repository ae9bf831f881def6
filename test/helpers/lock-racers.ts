import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Repository } from './repository.ts'

export type Order = { do: 'acquire' | 'release' | 'deploy'; nonce: string }

/** What a racer says: that it stands ready, that its deploy pauses, or how an order ended (`exit` 0: done). */
export type Told = {
  ready?: true
  pausing?: true
  exit?: number
  why?: string
  failedStep?: string | null
}

export type Racer = {
  operator: string
  root: string
  child: ChildProcess
  /** Gives an order, and waits for what comes next of it. */
  tell(order: Order | 'go on'): Promise<Told>
}

const program = join(import.meta.dirname, '..', 'fixtures', 'lock-racer.ts')

/** An operator's process on a clone of the same remote, ready for orders; ended with the test. */
export async function racer(repository: Repository, operator: string): Promise<Racer> {
  const { root } = repository.clone()
  mkdirSync(join(root, 'made'))
  const child = fork(program, [root, operator], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  })
  const next = async () => ((await once(child, 'message')) as [Told])[0]
  await next()
  return {
    operator,
    root,
    child,
    tell(order) {
      const told = next()
      child.send(order)
      return told
    },
  }
}
