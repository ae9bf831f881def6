import { writeFileSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { execute, executePipe } from '../../src/world/exec.ts'
import { mask, secretValue } from '../../src/world/secrets.ts'
import { temporaryFolder } from '../helpers/temp.ts'

const free = { idleMs: 0, timeoutMs: 0 }
const sh = (script: string) => ['sh', '-c', script]

test('gives code and tails, and closes stdin', async () => {
  expect(await execute({ argv: sh('cat; echo bad >&2; exit 3'), stdin: 'in', ...free, okCodes: [3] })).toMatchObject({
    code: 3,
    out: ['in'],
    err: ['bad'],
  })
})

test('writes stdout to a file as it is', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kg-exec-'))
  await execute({ argv: ['printf', String.raw`\000\377x`], stdoutFile: join(folder, 'out'), ...free })
  expect([...(await readFile(join(folder, 'out')))]).toEqual([0, 255, 120])
  await rm(folder, { recursive: true })
})

test('hands stdout on as it is, and ends a child whose bytes cannot be taken', async () => {
  const chunks: Buffer[] = []
  await execute({
    argv: sh(String.raw`head -c 300000 /dev/zero; printf '\377'`),
    onData: async (chunk) => void chunks.push(chunk),
    ...free,
  })
  expect(Buffer.concat(chunks)).toEqual(Buffer.concat([Buffer.alloc(300_000), Buffer.from([255])]))
  const full = execute({
    argv: ['yes'],
    onData: async () => {
      throw new Error('the disk is full')
    },
    ...free,
  })
  await expect(full).rejects.toThrow('the disk is full')
})

test.each([
  ['a bad code', { argv: sh('echo why >&2; exit 4'), ...free }, /ended with code 4/],
  ['a missing program', { argv: ['no-such-program'], ...free }, /was not found/],
  ['a missing folder', { argv: ['true'], cwd: '/no/such', ...free }, /no folder/],
  ['silence', { argv: ['sleep', '20'], idleMs: 150, timeoutMs: 0 }, /said nothing/],
  ['a grandchild that keeps stdout open', { argv: sh('sleep 20 & echo x'), idleMs: 150, timeoutMs: 0 }, /said nothing/],
  ['taking too long', { argv: sh('while :; do echo x; sleep 0.02; done'), idleMs: 0, timeoutMs: 200 }, /took longer/],
])('fails on %s', async (_, spec, why) => {
  await expect(execute(spec)).rejects.toThrow(why)
})

test('says of a script with Windows line ends what is missing, and not that it is not there', async () => {
  const cwd = temporaryFolder()
  writeFileSync(join(cwd, 'check.sh'), '#!/bin/sh\r\ntrue\r\n', { mode: 0o755 })
  await expect(execute({ argv: ['./check.sh'], cwd, ...free })).rejects.toThrow(/check\.sh is there.*line ends/)
})

test('every code in a pipe counts, and the first cause is told', async () => {
  const ok = await executePipe([
    { argv: ['seq', '1000'], ...free },
    { argv: ['wc', '-l'], ...free },
  ])
  expect(ok[1]?.out[0]?.trim()).toBe('1000')
  await expect(
    executePipe([
      { argv: sh('exit 4'), ...free },
      { argv: ['cat'], ...free },
    ]),
  ).rejects.toThrow(/code 4/)
})

test('secrets are masked in what is kept', async () => {
  process.env['EXEC_CANARY'] = 'canary-8a7b6c'
  expect(secretValue('EXEC_CANARY')).toBe('canary-8a7b6c')
  const result = await execute({
    argv: sh('echo $EXEC_CANARY https://u:pass@h/ ghp_0123456789abcdefghij0123'),
    ...free,
  })
  expect(result.out).toEqual(['*** https://***@h/ ***'])
  expect(mask('ssh://git@host/x and PASSWORD=abc')).toBe('ssh://git@host/x and PASSWORD=***')
  expect(() => secretValue('NOT_SET_ANYWHERE')).toThrow(/NOT_SET_ANYWHERE/)
})

test('a flood of lines leaves a bounded tail', async () => {
  let count = 0
  const result = await execute({ argv: ['seq', '100000'], ...free, onLine: () => (count += 1) })
  expect([count, result.out.length, result.out.at(-1)]).toEqual([100_000, 200, '100000'])
})
