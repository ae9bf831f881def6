import type { CallRegistry } from '../core/plan.ts'
import { mirrors } from '../mirrors/registry.ts'
import { ownCalls, sources } from '../sources/registry.ts'
import { targets } from '../targets/registry.ts'
import { artefactCalls } from './artefact.ts'
import { backupArchiveCalls } from './backup-archives.ts'
import { backupPublishCalls } from './backup-publish.ts'
import { backupQuickCalls } from './backup-quick.ts'
import { backupStageCalls } from './backup-stage.ts'
import { basisCalls } from './basis.ts'
import { bookCalls } from './books.ts'
import { buildCalls } from './build.ts'
import { bundleImageCalls } from './bundle-image.ts'
import { certifyCalls } from './certify.ts'
import { drillCalls } from './drill.ts'
import { drillReleaseCalls } from './drill-release.ts'
import { emergencyCalls } from './emergency.ts'
import { liveCalls } from './live.ts'
import { lockCalls } from './lock.ts'
import { mirrorCalls } from './mirror.ts'
import { pruneCalls } from './prune.ts'
import { publishCalls } from './publish.ts'
import { restoreCalls } from './restore.ts'
import { restoreForgetCalls } from './restore-forget.ts'
import { restoreFileCalls } from './restore-file.ts'
import { rollbackCalls } from './rollback.ts'
import { sacredCalls } from './sacred.ts'
import { servicesCalls } from './services.ts'
import { verifyCalls } from './verify.ts'

const plugIns = [...Object.values(sources), ...Object.values(targets), ...Object.values(mirrors)]

/**
 * Every function a plan may name. The runner is handed this; a plan that names another can only be abandoned. What is not
 * among ours is looked for among those of the project's own sources, which come when its configuration is loaded.
 */
export const calls: CallRegistry = Object.assign(Object.create(ownCalls), {
  ...lockCalls,
  ...basisCalls,
  ...backupQuickCalls,
  ...backupStageCalls,
  ...backupArchiveCalls,
  ...backupPublishCalls,
  ...buildCalls,
  ...bundleImageCalls,
  ...artefactCalls,
  ...drillCalls,
  ...drillReleaseCalls,
  ...emergencyCalls,
  ...liveCalls,
  ...certifyCalls,
  ...rollbackCalls,
  ...bookCalls,
  ...mirrorCalls,
  ...pruneCalls,
  ...publishCalls,
  ...sacredCalls,
  ...verifyCalls,
  ...restoreCalls,
  ...restoreFileCalls,
  ...restoreForgetCalls,
  ...servicesCalls,
  ...Object.assign({}, ...plugIns.map((plugIn) => plugIn.calls)),
})
