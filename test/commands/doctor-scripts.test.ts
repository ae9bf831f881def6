import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { checkScripts } from '../../src/commands/doctor-scripts.ts'
import { temporaryFolder } from '../helpers/temp.ts'

function files(all: Record<string, string>): string {
  const root = temporaryFolder()
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return root
}

test('scripts that no text names are named, also those of a part; deploy logs document nothing', async () => {
  const root = files({
    'scripts/start-local.sh': '',
    'scripts/old-backup.sh': '',
    'backend/scripts/rag_ingest.py': '',
    'src/script.ts': '',
    'docs/SCRIPT_OWNERSHIP.md': '| `start-local.sh` | CI_LIAISON | Full stack startup |\n',
    'deploy_logs/2025-11-18_x.md': 'ran old-backup.sh\n',
  })
  expect(await checkScripts(root)).toEqual([
    expect.objectContaining({
      id: 'scripts',
      ok: 'unknown',
      says: 'nothing documents backend/scripts/rag_ingest.py, scripts/old-backup.sh',
    }),
  ])
  writeFileSync(join(root, 'README.md'), 'old-backup.sh, rag_ingest.py\n')
  expect(await checkScripts(root)).toMatchObject([{ ok: true, says: 'each of the 3 scripts is documented' }])
  expect(await checkScripts(files({ 'README.md': '' }))).toEqual([])
})
