import type { Proof } from '../core/backup.ts'
import { statePaths } from '../core/paths.ts'
import { now } from '../world/clock.ts'
import { appendLine, readText } from '../world/files.ts'

/** Adds a proof; on disk when it returns. */
export async function appendProof(root: string, proof: Proof): Promise<void> {
  await appendLine(statePaths(root).proofs, JSON.stringify(proof))
}

/** Every byte was read again after writing: the first rung of a backup that was just made. Written once for a digest. */
export async function appendHashed(root: string, backup: string, digest: string): Promise<void> {
  if ((await proofsOf(root, backup)).some((one) => one.digest === digest)) return
  await appendProof(root, { backup, digest, part: '*', rung: 'hashed', at: now().toISOString(), passed: true, ms: 0 })
}

/** Every proof by the id of its backup, oldest first. Lines that are torn or foreign are passed over. */
export async function readProofs(root: string): Promise<Map<string, Proof[]>> {
  const text = (await readText(statePaths(root).proofs)) ?? ''
  const byBackup = new Map<string, Proof[]>()
  for (const line of text.split('\n')) {
    const proof = asProof(line)
    if (proof === null) continue
    const known = byBackup.get(proof.backup)
    if (known) known.push(proof)
    else byBackup.set(proof.backup, [proof])
  }
  return byBackup
}

/** Every proof of one backup, oldest first; those of an earlier digest too. */
export async function proofsOf(root: string, backup: string): Promise<Proof[]> {
  return (await readProofs(root)).get(backup) ?? []
}

function asProof(line: string): Proof | null {
  if (line.trim() === '') return null
  try {
    const value = JSON.parse(line) as Partial<Proof>
    const words = [value.backup, value.digest, value.part, value.at]
    const rungs: unknown[] = ['hashed', 'readable', 'restored']
    const whole = words.every((word) => typeof word === 'string') && rungs.includes(value.rung)
    return whole && typeof value.passed === 'boolean' ? (value as Proof) : null
  } catch {
    return null
  }
}
