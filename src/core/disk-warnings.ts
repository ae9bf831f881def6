import { size } from './age.ts'
import type { DiskFacts } from './facts.ts'
import type { Project } from './project.ts'

/** What is large or full, one sentence each; nothing where the volume could not be measured. */
export function diskWarnings({ disk }: Pick<Project, 'disk'>, { used, free, total }: DiskFacts): string[] {
  if (total === 0) return []
  const full = Math.round((1 - free / total) * 100)
  return [
    ...(used > disk.folder ? [`The backup folders hold ${size(used)}, more than ${size(disk.folder)}.`] : []),
    ...(full > disk.volume ? [`Their volume is ${full} % full, more than ${disk.volume} %.`] : []),
  ]
}
