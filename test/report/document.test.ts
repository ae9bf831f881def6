import { expect, test } from 'vitest'
import { EXIT, UserError } from '../../src/core/failure.ts'
import { errorDocument, errorLines, jsonDocument, reportLines } from '../../src/report/document.ts'

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

test('fault 65: no face of a report, nor of a failure, holds what a terminal would obey', () => {
  const name = '\u001b]52;c;eA==\u0007evil\u202egnp\u009b31m'
  const rows = Array.from({ length: 501 }, () => name)
  const error = new UserError(name, name, [name])
  const faces = [
    jsonDocument('backups', { exit: EXIT.done, data: { name, rows } }),
    errorDocument(error, EXIT.usage),
    ...errorLines(error),
    ...reportLines({ lines: ['  indented', name] }),
  ]
  // oxlint-disable-next-line no-control-regex -- that is what is looked for
  expect(faces.filter((face) => /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/.test(face))).toEqual([])
  expect(JSON.parse(faces[0] ?? '')).toMatchObject({ name, rows })
  expect(JSON.parse(faces[1] ?? '')).toMatchObject({ error: { what: name, why: name, next: [name] } })
  expect(faces.slice(-2)).toEqual(['  indented', 'evilgnp'])
})
