import { EXIT } from '../core/failure.ts'
import type { JsonRecord } from '../core/json.ts'
import { wholeShape } from '../config/plug-ins.ts'
import type { RunCommand } from './command.ts'

/** The JSON Schema of `knowngood.yaml`, for editors. */
export function schemaJson(): JsonRecord {
  const shape: JsonRecord = JSON.parse(JSON.stringify(wholeShape()))
  return { $schema: 'https://json-schema.org/draft/2020-12/schema', title: 'knowngood.yaml', ...shape }
}

/** `knowngood schema`: the same document with and without `--json`, so that it can be written to a file. */
export const run: RunCommand = async () => {
  const document = schemaJson()
  return { exit: EXIT.done, data: { document }, lines: JSON.stringify(document, null, 2).split('\n') }
}
