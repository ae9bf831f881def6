import { expect, test } from 'vitest'
import type { Facts, ReleaseRow } from '../../src/core/facts.ts'
import { known } from '../../src/core/known.ts'
import { provenTag, rollbackCandidates } from '../../src/core/rollback-candidates.ts'
import { NOW, someFacts } from '../helpers/fake-facts.ts'
import { projectAt } from '../helpers/project.ts'

const project = projectAt('/work')
const RETURN = 'd'.repeat(40)

function row(id: number, tag: string, commitSha: string, outcome: string): ReleaseRow {
  return {
    id,
    version: '1.4.0',
    deploymentType: 'release',
    backupPath: 'backups/quick/quick-backup-1.json',
    schemaRevision: null,
    recordedAt: `2025-11-20T0${id}:00:00.000Z`,
    tag,
    commitSha,
    buildId: commitSha,
    operator: 'ana',
    outcome,
    run: null,
  }
}

/** Rolled back to prod-2025-11-12 by a commit of its own, and what stands on the branch and is served since. */
function rolledBack(tip = RETURN): Facts {
  const facts = someFacts()
  if (!facts.git.ok || !facts.live.ok) throw new Error('no facts')
  const [newer, older] = facts.git.value.tags
  return {
    ...facts,
    git: known({ ...facts.git.value, current: RETURN, remoteBranch: tip }, NOW),
    live: known({ ...facts.live.value, buildId: tip, matches: tip }, NOW),
    releases: known(
      [
        row(3, older?.name ?? '', RETURN, 'rollback'),
        row(2, newer?.name ?? '', newer?.commit ?? '', 'certified'),
        row(1, older?.name ?? '', older?.commit ?? '', 'certified'),
      ],
      NOW,
    ),
  }
}

const found = (facts: Facts, id: string) => rollbackCandidates(project, facts).find((one) => one.id === id)

test('what production was rolled back to is what is live, and nothing to go back to', () => {
  expect(found(rolledBack(), 'prod-2025-11-12')).toMatchObject({
    offered: false,
    because: 'it is live since the last rollback',
  })
  expect(found(rolledBack(), 'prod-2025-11-18')).toMatchObject({ offered: true })
})

test('a release that was rolled back to before can be gone back to again when the next one fails', () => {
  const failed = rolledBack('e'.repeat(40))
  expect(found(failed, 'prod-2025-11-12')).toMatchObject({ offered: true, because: null })
  expect(provenTag(project, failed)).toBe('prod-2025-11-12')
})

test('a release certified in another clone is what was proven last, whatever the records here say', () => {
  const facts = rolledBack('e'.repeat(40))
  if (!facts.git.ok) throw new Error('no git')
  const [theirs] = facts.git.value.tags
  const onTheirs = known({ ...facts.git.value, current: theirs?.commit ?? '' }, NOW)
  expect(provenTag(project, { ...facts, git: onTheirs })).toBe(theirs?.name)
  const untagged = known({ ...facts.git.value, current: 'f'.repeat(40) }, NOW)
  expect(provenTag(project, { ...facts, git: untagged })).toBe(null)
})

test('a tag that stands elsewhere than where it was certified is still not offered', () => {
  const facts = rolledBack()
  if (!facts.releases.ok) throw new Error('no releases')
  const moved = { ...facts, releases: known([row(4, 'prod-2025-11-18', 'f'.repeat(40), 'certified')], NOW) }
  expect(found(moved, 'prod-2025-11-18')).toMatchObject({
    offered: false,
    because: 'the tag was on fffffff when it was certified',
  })
})
