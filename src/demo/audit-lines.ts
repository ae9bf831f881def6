import type { PastRelease } from './history.ts'

/** `.verification_audit.log` as the team's gate script wrote it: plain lines, and JSON of its own shape at the end. */
export function legacyAudit(releases: readonly PastRelease[]): string {
  const lines = releases.flatMap((release, index) => {
    const at = (minutes: number): string =>
      new Date(release.at.getTime() - minutes * 60_000).toISOString().replace('.000', '')
    const commit = release.commit.slice(0, 7)
    if (index === releases.length - 1) {
      return [
        JSON.stringify({
          ts: at(16),
          script: 'run_deploy_gate.sh',
          check: 'pre-push verification',
          result: 'pass',
          commit,
        }),
        JSON.stringify({ ts: at(0), script: 'verify_live_deployment.sh', result: 'pass', tag: release.tag }),
      ]
    }
    return [
      `[${at(16)}] PASS pre-push verification commit=${commit} by=${release.by}`,
      `[${at(9)}] PASS manual confirmation: sign-in by=${release.by}`,
      `[${at(0)}] DEPLOYED ${release.tag} commit=${commit} by=${release.by}`,
    ]
  })
  return `${lines.join('\n')}\n`
}
