import { stringify } from 'yaml'

export const WORKFLOW = '.github/workflows/release.yml'

/** What the workflow must know of the project: the folder of bundles, how Knowngood is started, whether npm has a lock file here. */
export type WorkflowOf = { bundles: string; knowngood: string; npm: boolean }

/** The workflow that a version tag starts: pack, check, publish, keep; and a badge that says how it ended. */
export function releaseWorkflow({ bundles, knowngood, npm }: WorkflowOf): string {
  const tag = '"$GITHUB_REF_NAME"'
  const workflow = {
    name: 'release',
    on: { push: { tags: ['v*'] } },
    permissions: { contents: 'read' },
    concurrency: { group: 'release-${{ github.ref }}', 'cancel-in-progress': false },
    jobs: {
      release: {
        'runs-on': 'ubuntu-latest',
        'timeout-minutes': 30,
        permissions: { contents: 'write' },
        steps: [
          { uses: 'actions/checkout@v5', with: { 'fetch-depth': 0 } },
          { uses: 'actions/setup-node@v5', with: { 'node-version': 24 } },
          ...(npm ? [{ name: 'Install', run: 'npm ci --ignore-scripts' }] : []),
          { name: 'Bundle', run: `${knowngood} bundle --keep 5 --prune` },
          { name: 'Check the digests', 'working-directory': bundles, run: DIGESTS },
          { name: 'Publish', env: { GITHUB_TOKEN: '${{ github.token }}' }, run: `${knowngood} publish ${tag}` },
          {
            name: 'Keep the files',
            if: 'always()',
            uses: 'actions/upload-artifact@v4',
            with: { name: 'release', path: `${bundles}/`, 'if-no-files-found': 'ignore' },
          },
        ],
      },
      badge: {
        needs: 'release',
        if: 'always()',
        'runs-on': 'ubuntu-latest',
        'timeout-minutes': 5,
        steps: [
          { name: 'Status badge', env: { RESULT: '${{ needs.release.result }}' }, run: BADGE },
          { uses: 'actions/upload-artifact@v4', with: { name: 'badge', path: 'badge.json' } },
        ],
      },
    },
  }
  const says =
    '# Written by `knowngood init --ci`: a version tag packs the release, publishes it and keeps its files.\n'
  return says + stringify(workflow, { lineWidth: 0 })
}

/** By standard tools: the list over the tarballs, and the hash that each lock file says. */
const DIGESTS = `sha256sum --check --strict SHA256SUMS
for lock in *.lock.json; do
  printf '%s  %s\\n' "$(jq -r .sha256 "$lock")" "\${lock%.lock.json}.tar.gz"
done | sha256sum --check --strict
`

/** As shields.io reads it from an address. */
const BADGE = `case "$RESULT" in success) color=brightgreen ;; failure) color=red ;; *) color=lightgrey ;; esac
jq -n --arg message "$GITHUB_REF_NAME $RESULT" --arg color "$color" \\
  '{schemaVersion: 1, label: "release", $message, $color}' > badge.json
`
