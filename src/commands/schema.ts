import { EXIT } from '../core/failure.ts'
import type { JsonRecord } from '../core/json.ts'
import { wholeShape } from '../config/plug-ins.ts'
import type { RunCommand } from './command.ts'

/** The JSON Schema of `knowngood.yaml`, for editors. */
export function schemaJson(): JsonRecord {
  return {
    ...(wholeShape() as unknown as JsonRecord),
    title: 'knowngood.yaml',
    $id: 'https://knowngood.dev/schema.json',
  }
}

/** `knowngood schema`: the same document with and without `--json`, so that it can be written to a file. */
export const run: RunCommand = async () => {
  const document = schemaJson()
  return { exit: EXIT.done, data: { document }, lines: JSON.stringify(document, null, 2).split('\n') }
}
