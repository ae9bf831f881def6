import { messageOf } from '../core/failure.ts'

/** Why a package.json cannot be read, as JSON says it; null when it can, or there is none. */
export function packageProblem(text: string | null): string | null {
  if (text === null) return null
  try {
    JSON.parse(text)
    return null
  } catch (error) {
    return messageOf(error)
  }
}

/** A package.json's content; an empty object when it cannot be read. */
export function packageOf(text: string | null): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text ?? '')
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
  } catch {
    return {}
  }
}
