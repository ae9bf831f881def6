/**
 * Left out of an archive unless said otherwise. A name without a slash is left out wherever it stands; one with a slash
 * is a path from the root; `*` stands for any characters but a slash.
 */
export const DEFAULT_EXCLUDES: readonly string[] = [
  '.git',
  'node_modules',
  '.knowngood',
  '.cache',
  '.turbo',
  '.parcel-cache',
  '.pytest_cache',
  '__pycache__',
  '.DS_Store',
  'playwright-report',
  'test-results',
  'coverage/',
  'backups/',
  'releases/',
  'immaculate/',
]
