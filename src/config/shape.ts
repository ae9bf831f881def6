import { z } from 'zod'
import { configSchema } from './schema.ts'

/** The part of JSON Schema that is read here. */
export type Shape = {
  description?: string
  default?: unknown
  properties?: Record<string, Shape>
  items?: Shape
  additionalProperties?: Shape | boolean
  enum?: readonly unknown[]
  const?: unknown
  pattern?: string
  required?: readonly string[]
  anyOf?: readonly Shape[]
}

/** A zod schema as JSON Schema of what may be written, not of what it becomes. */
export function shapeOf(schema: z.ZodType): Shape {
  const { $schema: _, ...shape }: Shape & { $schema?: string } = JSON.parse(
    JSON.stringify(z.toJSONSchema(schema, { io: 'input' })),
  )
  return shape
}

/** The schema of the file as JSON Schema: what may be written, not what it becomes. */
export function fileShape(): Shape {
  return shapeOf(configSchema)
}

/** The shape that fits an entry: of several, the one whose `use` it names. */
export function chosen(shape: Shape, value: unknown): Shape {
  const use = typeof value === 'object' && value !== null && 'use' in value ? value.use : undefined
  return shape.anyOf?.find((one) => one.properties?.['use']?.const === use) ?? shape
}

/** The part of a shape that describes a path; null when there is none. */
export function shapeAt(shape: Shape, path: readonly PropertyKey[]): Shape | null {
  let here: Shape | undefined = shape
  for (const part of path) {
    const rest: Shape | undefined =
      typeof here?.additionalProperties === 'object' ? here.additionalProperties : undefined
    here = typeof part === 'number' ? here?.items : (here?.properties?.[String(part)] ?? rest)
    if (here === undefined) return null
  }
  return here ?? null
}
