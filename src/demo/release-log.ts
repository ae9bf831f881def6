import type { PastRelease } from './history.ts'

/** A deploy log as ana and ben wrote them by hand before they had Knowngood. */
export function releaseLog(
  past: PastRelease,
  release: { slug: string; title: string; notes: string },
  before: PastRelease | null,
): { path: string; text: string } {
  const day = past.at.toISOString().slice(0, 10)
  const lines = [
    `# Deploy log: ${release.title}`,
    `**Date:** ${day}  `,
    `**Initiator:** ${past.by}`,
    '',
    `- Deployed at ${past.at.toISOString().slice(11, 16)} UTC, version ${past.version}.`,
    `- Production tag recorded: \`${past.tag}\` @ commit \`${past.commit}\` (ensure tag exists before reusing).`,
    `- BUILD_ID: \`${past.commit}\``,
    '- Gate: pre-push verification passed, sign-in and chat walked through.',
    before === null ? '- Rollback target: none, first release.' : `- Rollback target: \`${before.tag}\``,
    `- Artefact: \`backups/${past.tag}.zip\``,
    '',
    '## Notes',
    '',
    release.notes,
    '',
  ]
  return { path: `deploy_logs/${day}_${release.slug}.md`, text: lines.join('\n') }
}
