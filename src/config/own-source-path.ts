/** How a source of the project's own is named: by the path of its file, from the top of the repository. */
export const OWN_SOURCE = String.raw`^\./(?!.*\.\.)[\w@+./-]{1,200}\.(?:ts|mts|js|mjs)$`

/** Whether an entry of `sources` names a file of the project's own. */
export function isOwnSource(use: string): boolean {
  return use.startsWith('./')
}
