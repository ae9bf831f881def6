import { fastInflater } from './fast-inflate.ts'
import type { Inflater } from './inflater.ts'
import { zlibInflater } from './zlib-inflate.ts'

const idle: Inflater[] = []

/** Lends one of this thread's to `work`: our own, or where there is no running it, that of zlib. */
export async function withInflater<T>(work: (inflater: Inflater) => T | Promise<T>): Promise<T> {
  const inflater = idle.pop() ?? fastInflater() ?? zlibInflater()
  try {
    return await work(inflater)
  } finally {
    idle.push(inflater)
  }
}
