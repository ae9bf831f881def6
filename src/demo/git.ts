import { execa } from 'execa'

/** The environment the demo's programs run in: this one, without any git setting of the person's own. */
export function demoEnv(extra: Record<string, string> = {}): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !entry[0].startsWith('GIT_'),
  )
  return {
    KNOWNGOOD_OPERATOR: 'ana',
    ...Object.fromEntries(kept),
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    ...extra,
  }
}

/** Runs a program in a folder with exactly this environment; gives its output without the last newline. */
export async function tool(
  cwd: string,
  env: Record<string, string>,
  argv: readonly [string, ...string[]],
  input = '',
): Promise<string> {
  const [program, ...args] = argv
  const { stdout } = await execa(program, args, { cwd, env, extendEnv: false, input })
  return stdout
}

/** Runs git in `root`. */
export function git(root: string, env: Record<string, string>, args: readonly string[], input = ''): Promise<string> {
  return tool(root, env, ['git', ...args], input)
}
