/** A project as its `knowngood.yaml` says it, every default filled in. Durations are ms, sizes bytes. */
export type Project = {
  /** Absolute path of the repository's top level. */
  root: string
  /** Absolute path of the configuration file; null when there is none and only defaults apply. */
  file: string | null
  project: string
  environment: string
  git: { remote: string; branch: string; current: string; tag: string }
  version: { file: string | null }
  build: { id: string; run: string[][]; stamp: { file: string; text: string }[]; artefact: string[] }
  sources: Record<string, PlugInOptions>
  backups: { quick: KindOptions; prod: KindOptions }
  gate: {
    validMs: number
    approvers: string[]
    require: { withinMs: number; thisSession: boolean; late: 'warn' | 'hold' }
    checks: GateCheck[]
    confirmations: GateConfirmation[]
  }
  deploy: { backup: 'quick'; migrate: string[][]; targets: PlugInOptions[]; onFailedVerify: 'ask' | 'rollback' }
  verify: { timeoutMs: number; reads: number; checks: VerifyCheck[] }
  rollback: { by: 'revert' | 'reset' }
  records: { url: string }
  evidence: { dir: string }
  logs: { dir: string }
}

/** `use` names the plug-in; the rest is parsed by the plug-in's own options. */
type PlugInOptions = { use: string } & Record<string, unknown>

/** `keep` finished backups; null keeps all. `freshMs` null: never called stale. */
type KindOptions = { keep: number | null; freshMs: number | null; dir: string }

export type GateCheck = { id: string; title: string; run: string[]; timeoutMs: number }

export type GateConfirmation = {
  id: string
  title: string
  look: string
  why: string
  evidence: 'required' | 'optional' | 'visual'
  when: 'before' | 'after'
}

/** A URL check reads production; a run check is given KNOWNGOOD_BUILD_ID. `{id}` in `contains` is the BUILD_ID. */
export type VerifyCheck =
  | { kind: 'url'; url: string; contains: string | null; status: number; timeoutMs: number }
  | { kind: 'run'; run: string[]; timeoutMs: number }

/** What an operator types to confirm an act that destroys or overwrites. */
export function confirmationName(project: Project): string {
  return `${project.project}-${project.environment}`
}
