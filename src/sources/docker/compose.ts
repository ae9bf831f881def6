import { parse } from 'yaml'
import { IMAGE } from './names.ts'

/** Where `docker compose` looks. */
export const COMPOSE_FILES = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml']

/**
 * The images that a compose file builds: nobody else can give them back. Pulled ones are left to their registry. `unsure`
 * says which could not be named.
 */
export function builtImages(text: string): { images: string[]; unsure: string[] } {
  const file = record(read(text))
  const images: string[] = []
  const unsure: string[] = []
  for (const [service, given] of Object.entries(record(file['services']))) {
    const { build, image } = record(given)
    if (build === undefined || build === null) continue
    const project = typeof file['name'] === 'string' ? `${file['name']}-${service}` : null
    const name = typeof image === 'string' ? image : project
    if (name !== null && IMAGE.test(name)) images.push(name)
    else unsure.push(`what the image of ${service} is called; give it an image: there, and name it here`)
  }
  return { images: [...new Set(images)], unsure }
}

function read(text: string): unknown {
  try {
    return parse(text, { maxAliasCount: 100, logLevel: 'silent' })
  } catch {
    return null
  }
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
}
