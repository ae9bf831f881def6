import type { Target } from '../core/plug-in.ts'
import { command } from './command.ts'
import { convex } from './convex.ts'
import { gitPush } from './git-push.ts'
import { netlify } from './netlify.ts'
import { pm2 } from './pm2.ts'
import { vercel } from './vercel.ts'

/** Every target a project may name, by its `use`. */
export const targets = {
  'git-push': gitPush,
  command,
  convex,
  netlify,
  pm2,
  vercel,
} satisfies Record<string, Target>

/** The target of this name; undefined when there is none. */
export function targetOf(use: string): Target | undefined {
  return Object.hasOwn(targets, use) ? (targets as Record<string, Target>)[use] : undefined
}
