import { describe, expect, it } from 'vitest'
import type { Proof } from '../../src/core/backup.ts'
import { proven } from '../../src/core/proof.ts'

const digest = 'a'.repeat(64)
const part = (source: string) => ({
  source,
  use: 'files',
  path: `${source}.zip`,
  bytes: 1,
  sha256: digest,
  unsettled: [],
})

const whole = { digest, bytes: 1, parts: [] }
const two = { digest, bytes: 2, parts: [part('data'), part('code')] }

function proof(rung: Proof['rung'], at: string, more: Partial<Proof> = {}): Proof {
  return { backup: 'b', digest, part: '*', rung, at: `2025-11-${at}T09:00:00.000Z`, passed: true, ms: 1, ...more }
}

const said = ({ rung, provenAt, failed }: ReturnType<typeof proven>) =>
  [rung, provenAt?.slice(8, 10) ?? 'never', ...(failed === null ? [] : [failed])].join(' ')

describe('the date of a proof', () => {
  it('is when that rung was reached: what only reads it again later makes it no younger', () => {
    const restored = [proof('hashed', '01'), proof('restored', '02')]
    expect(said(proven(whole, restored))).toBe('restored 02')
    const later = [...restored, proof('hashed', '10'), proof('readable', '11')]
    expect(said(proven(whole, later))).toBe('restored 02')
    expect(said(proven(whole, [...later, proof('restored', '12')]))).toBe('restored 12')
  })

  it('is renewed by a pass of a higher rung, which reaches the lower ones too', () => {
    const proofs = [
      proof('readable', '01'),
      proof('readable', '02', { part: 'data' }),
      proof('restored', '05', { part: 'code' }),
    ]
    expect(said(proven(two, proofs))).toBe('readable 02')
  })

  it('is the oldest among its parts, at the rung all of them reached', () => {
    const proofs = [
      proof('hashed', '01'),
      proof('restored', '03', { part: 'data' }),
      proof('restored', '07', { part: 'code.zip' }),
    ]
    expect(said(proven(two, proofs.slice(0, 2)))).toBe('hashed 01')
    expect(said(proven(two, proofs))).toBe('restored 03')
    expect(said(proven(two, [...proofs, proof('hashed', '09')]))).toBe('restored 03')
  })

  it('begins anew after a failure, at the rung that passed since', () => {
    const rotten = [proof('restored', '02'), proof('hashed', '03', { passed: false, because: 'a byte differs' })]
    expect(said(proven(whole, rotten))).toBe('found never a byte differs')
    expect(said(proven(whole, [...rotten, proof('hashed', '04')]))).toBe('hashed 04')
  })

  it('is none for bytes that are not those proven', () => {
    expect(said(proven({ ...whole, digest: 'b'.repeat(64) }, [proof('restored', '02')]))).toBe('found never')
  })
})
