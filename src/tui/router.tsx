import type { ReactNode } from 'react'
import type { Overlay, Screen } from './nav.ts'
import { ConfirmForm } from './overlays/confirm-form.tsx'
import { Help } from './overlays/help.tsx'
import { Leave } from './overlays/leave.tsx'
import { Palette } from './overlays/palette.tsx'
import { Problem } from './overlays/problem.tsx'
import { Sure } from './overlays/sure.tsx'
import { Activity } from './screens/activity.tsx'
import { Backup } from './screens/backup.tsx'
import { Backups } from './screens/backups.tsx'
import { Broken } from './screens/broken.tsx'
import { Dashboard } from './screens/dashboard.tsx'
import { Gate } from './screens/gate.tsx'
import { Glass } from './screens/glass.tsx'
import { Interrupted } from './screens/interrupted.tsx'
import { Logs } from './screens/logs.tsx'
import { Prune } from './screens/prune.tsx'
import { Reader } from './screens/reader.tsx'
import { ReleaseFailed } from './screens/release-failed.tsx'
import { Restore } from './screens/restore.tsx'
import { Review } from './screens/review.tsx'
import { Rollback } from './screens/rollback.tsx'
import { Running } from './screens/running.tsx'
import { Show } from './screens/show.tsx'
import { Verify } from './screens/verify.tsx'

/** One place, one file. The depth keeps two readers on the stack apart. */
export function ScreenView({ screen, depth }: { screen: Screen; depth: number }): ReactNode {
  switch (screen.place) {
    case 'dashboard':
      return <Dashboard />
    case 'broken':
      return <Broken />
    case 'backup':
      return <Backup />
    case 'backups':
      return <Backups />
    case 'show':
      return <Show key={screen.id} id={screen.id} />
    case 'restore':
      return <Restore key={screen.id} id={screen.id} />
    case 'prune':
      return <Prune />
    case 'gate':
      return <Gate />
    case 'review':
      return <Review key={`${depth} ${screen.plan.holds.length}`} plan={screen.plan} request={screen.request} />
    case 'running':
      return <Running key={screen.run} run={screen.run} />
    case 'failed':
      return <ReleaseFailed key={screen.run} run={screen.run} />
    case 'verify':
      return <Verify />
    case 'rollback':
      return <Rollback />
    case 'logs':
      return <Logs />
    case 'activity':
      return <Activity />
    case 'interrupted':
      return <Interrupted key={screen.run} run={screen.run} />
    case 'glass':
      return <Glass />
    case 'reader':
      return <Reader key={depth} title={screen.title} load={screen.load} atEnd={screen.atEnd} />
  }
}

export function OverlayView({ overlay }: { overlay: Overlay }): ReactNode {
  switch (overlay.place) {
    case 'help':
      return <Help />
    case 'palette':
      return <Palette />
    case 'leave':
      return <Leave run={overlay.run} />
    case 'form':
      return <ConfirmForm {...overlay} />
    case 'sure':
      return <Sure {...overlay} />
    case 'problem':
      return <Problem {...overlay} />
  }
}
