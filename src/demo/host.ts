import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { tool } from './git.ts'

/**
 * What the host does with a pushed main, in POSIX sh and git: check it out beside, stamp BUILD_ID, swap `current`.
 * Only the newest main is ever swapped in, so that two quick pushes end with the later one.
 */
const publishScript = `#!/bin/sh
# publish COMMIT: make COMMIT what the site serves, unless main has moved on.
set -eu
commit=$1
cd "$GIT_DIR/../site"
new=$PWD/releases/$commit.$$
# Plain mkdir: when the site is gone this stops here instead of making it again.
mkdir "$new"
GIT_INDEX_FILE=$new.index git read-tree "$commit"
GIT_INDEX_FILE=$new.index GIT_WORK_TREE=$new git checkout-index --all
rm -f "$new.index"
sed "s/<!-- BUILD_ID:[^>]*-->/<!-- BUILD_ID:$commit -->/" "$new/index.html" > "$new.page"
mv -f "$new.page" "$new/index.html"
if [ "$(git rev-parse refs/heads/main)" != "$commit" ]; then
  rm -rf "$new"
  exit 0
fi
# A commit that is published again keeps its folder: the same commit gives the same files.
if [ -d "releases/$commit" ]; then rm -rf "$new"; else mv "$new" "releases/$commit"; fi
ln -s "releases/$commit" "current.$$"
# GNU and busybox say -T, BSD says -h: never move into the folder the link points at.
mv -fT "current.$$" current 2>/dev/null || mv -fh "current.$$" current
`

/** The hook answers the push at once; the release settles about a third of a second later, as a real host's does. */
const postReceive = `#!/bin/sh
GIT_DIR=$(cd "$GIT_DIR" && pwd) && export GIT_DIR
while read -r old new ref; do
  [ "$ref" = refs/heads/main ] || continue
  case $new in *[!0]*) ;; *) continue ;; esac
  # A host's build is its own: it ends neither with the push nor with the run that pushed, and carries no mark of it.
  ( unset KNOWNGOOD_RUN; exec sh -c 'sleep 0.3 || sleep 1; exec sh "$GIT_DIR/publish" "$1"' publish "$new" ) </dev/null >>"$GIT_DIR/publish.log" 2>&1 &
done
echo "mosaic host: building in the background"
`

/**
 * Lets the bare repository publish what is pushed to `branch` into `../site`, with the BUILD_ID in `page`, and publishes
 * `commit` now.
 */
export async function makeHost(
  remote: string,
  site: string,
  env: Record<string, string>,
  commit: string,
  { branch, page } = { branch: 'main', page: 'index.html' },
): Promise<void> {
  const told = (script: string) =>
    script.replaceAll('refs/heads/main', `refs/heads/${branch}`).replaceAll('index.html', page)
  await mkdir(join(site, 'releases'), { recursive: true })
  await writeFile(join(remote, 'publish'), told(publishScript))
  await mkdir(join(remote, 'hooks'), { recursive: true })
  const hook = join(remote, 'hooks', 'post-receive')
  await writeFile(hook, told(postReceive))
  await chmod(hook, 0o755)
  await tool(remote, { ...env, GIT_DIR: remote }, ['sh', './publish', commit])
}
