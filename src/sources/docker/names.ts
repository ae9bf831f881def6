/** What an engine takes as an image's name, with a tag and without a digest: a digest is never moved to another image. */
export const IMAGE =
  /^(?:[a-zA-Z0-9][a-zA-Z0-9.-]*(?::\d{1,5})?\/)?(?:[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*\/)*[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?$/

/** Where an image without a registry may have come from. */
const REGISTRIES = ['localhost/', 'docker.io/library/', 'docker.io/']

const FOLDER = 'docker/images'

/** Where a backup says which image each archive is, relative to its folder. */
export const LIST = `${FOLDER}/IMAGES.json`

/** Where a backup holds an image, relative to its folder. Without a colon, which some drives refuse. */
export function archiveOf(image: string): string {
  return `${FOLDER}/${image.replaceAll('/', '__').replaceAll(':', '_')}.tar.gz`
}

/** The image an archive was called by when nothing says it better. */
export function imageNamedBy(path: string): string {
  const file = path.slice(path.lastIndexOf('/') + 1).replace(/\.(?:tar\.gz|tgz|tar)$/, '')
  return file.replaceAll('__', '/')
}

/** An image of the same repository under another tag. */
export function taggedAs(image: string, tag: string): string {
  return `${repositoryOf(image)}:${tag}`
}

/** A restored image stands under this name until it is swapped in. */
export function besideOf(image: string, run: string): string {
  return withTag(image, 'kg', run)
}

/** What a swap took out stands under this name. */
export function beforeOf(image: string, run: string): string {
  return withTag(image, 'before', run)
}

/** Whether the engine's full name of an image is what a name means: podman writes out the registry that a short one is of. */
export function goesBy(full: string, name: string): boolean {
  const tagged = name.slice(repositoryOf(name).length) === '' ? `${name}:latest` : name
  return full === tagged || REGISTRIES.some((registry) => full === `${registry}${tagged}`)
}

function withTag(image: string, word: string, run: string): string {
  const repo = repositoryOf(image)
  const tag = image.slice(repo.length + 1) || 'latest'
  return `${repo}:${`${word}-${run}${tag === 'latest' ? '' : `-${tag}`}`.slice(0, 128)}`
}

/** The name without its tag. */
function repositoryOf(image: string): string {
  const colon = image.indexOf(':', image.lastIndexOf('/') + 1)
  return colon < 0 ? image : image.slice(0, colon)
}
