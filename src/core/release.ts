import type { GitFacts, TagFact } from './facts.ts'
import type { Project, VerifyCheck } from './project.ts'

/** The BUILD_ID of a commit: `build.id` with `{sha}` (whole) and `{short}` (seven) filled in. */
export function buildIdOf(template: string, commit: string): string {
  return template.replaceAll('{sha}', commit).replaceAll('{short}', commit.slice(0, 7))
}

/** What a live page must contain for this BUILD_ID. */
export function expectedText(contains: string, buildId: string): string {
  return contains.replaceAll('{id}', buildId)
}

/** Whether verification tells one release from another: a page that names the BUILD_ID, or a command, which is given it. */
export function tellsBuildId(checks: readonly VerifyCheck[]): boolean {
  return checks.some((check) => check.kind === 'run' || check.contains?.includes('{id}') === true)
}

/** What verification has proven, and no more. */
export function provenWords(checks: readonly VerifyCheck[], buildId: string): string {
  return tellsBuildId(checks)
    ? `BUILD_ID ${buildId} proven live`
    : `production answers as it should; no check names BUILD_ID ${buildId}`
}

/** The tag of the next release: `prod-2025-11-21`, then `-2`, `-3` on the same day (UTC). */
export function nextTag(template: string, now: Date, taken: ReadonlySet<string>): string {
  const base = template.replaceAll('{date}', now.toISOString().slice(0, 10))
  if (!taken.has(base)) return base
  let n = 2
  while (taken.has(`${base}-${n}`)) n += 1
  return `${base}-${n}`
}

/** Matches every tag `git.tag` can make, so that other tags are never taken for releases. */
export function tagPattern(template: string): RegExp {
  const escaped = template.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
  return new RegExp(`^${escaped.replaceAll(String.raw`\{date\}`, String.raw`\d{4}-\d{2}-\d{2}`)}(-\\d+)?$`)
}

/** The release tags, newest first. */
export function releaseTags({ tags }: Pick<GitFacts, 'tags'>): TagFact[] {
  return tags.filter((tag) => tag.release).toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at))
}

/** The newest release tag on a commit; undefined where only others stand on it, or none. */
export function releaseTagOn(git: Pick<GitFacts, 'tags'>, commit: string | null): TagFact | undefined {
  return releaseTags(git).find((tag) => tag.commit === commit)
}

/** Whether some confirmations are asked only after live verification, so that a deploy ends uncertified. */
export function certifiesLater(project: Project): boolean {
  return project.gate.confirmations.some((item) => item.when === 'after')
}

/** Whether a release moves the branch; where no target does, production is what the targets were last given. */
export function pushesBranch(project: Project): boolean {
  return project.deploy.targets.some((target) => target.use === 'git-push')
}

/** Whether the project has a target that publishes from a built directory, not only from a push. */
export function needsBuild(project: Project): boolean {
  return project.deploy.targets.some((target) => target.use !== 'git-push')
}
