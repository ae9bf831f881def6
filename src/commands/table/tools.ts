import type { Command } from '../command.ts'
import { acting } from './flags.ts'

/** For scripts, shells and readers. */
export const tools: readonly Command[] = [
  {
    name: 'shim',
    args: '<script> <command...>',
    summary: 'put a wrapper in the place of an old script: it warns, waits five seconds and hands over',
    about: 'The old script stays beside it as NAME.legacy and runs with KNOWNGOOD_LEGACY=1.',
    flags: [],
    exits: [],
    examples: ['knowngood shim scripts/backup_full_stack.sh -- knowngood backup set'],
    reads: false,
    load: () => import('../shim.ts'),
  },
  {
    name: 'completion',
    args: '<shell>',
    argChoices: ['bash', 'zsh', 'fish'],
    summary: 'a completion script for your shell',
    flags: [],
    exits: [],
    examples: ['knowngood completion bash > ~/.local/share/bash-completion/completions/knowngood'],
    reads: true,
    load: () => import('../completion.ts'),
  },
  {
    name: 'docs',
    args: '[topic]',
    summary: 'the reference and the runbooks',
    flags: [{ flags: '--write <path>', says: 'write to a file instead' }],
    exits: [],
    examples: ['knowngood docs', 'knowngood docs configuration'],
    reads: true,
    load: () => import('../docs.ts'),
  },
  {
    name: 'schema',
    summary: 'the JSON Schema of knowngood.yaml',
    flags: [],
    exits: [],
    examples: ['knowngood schema > schema.json'],
    reads: true,
    load: () => import('../schema.ts'),
  },
  {
    name: '__run',
    args: '<run>',
    summary: 'execute a reviewed plan; what the dashboard starts',
    flags: [{ flags: '--state <path>', says: 'where its journal is kept' }],
    exits: acting,
    examples: [],
    reads: false,
    hidden: true,
    load: () => import('../run.ts'),
  },
]
