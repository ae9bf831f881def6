import { expect, test } from 'vitest'
import { EXIT } from '../../src/core/failure.ts'
import { jsonDocument } from '../../src/report/document.ts'

test('a document is spread out as JSON usually is', () => {
  const data = { rows: [{ id: 'a', parts: [] }, 'two\nlines'], none: null, missing: undefined }
  const whole = { schema: 'knowngood/verify-live/1', ok: true, success: true, exit: 0, ...data }
  expect(jsonDocument('verify live', { exit: EXIT.done, data: data as never })).toBe(JSON.stringify(whole, null, 2))
})

test('a list of thousands has one entry a line, and is the same list', () => {
  const rows = Array.from({ length: 2_000 }, (_, id) => ({ id, notes: 'one\ntwo', parts: [id] }))
  const text = jsonDocument('backups', { exit: EXIT.done, data: { rows, after: 'it' } })
  expect((JSON.parse(text) as { rows: unknown }).rows).toEqual(rows)
  expect(text.split('\n').filter((line) => line.includes('"id":'))).toHaveLength(rows.length)
})
