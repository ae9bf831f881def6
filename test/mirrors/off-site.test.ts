import { expect, test } from 'vitest'
import { missing } from '../helpers/needs.ts'
import { needed } from '../helpers/needed.ts'
import { thereAndBack } from '../helpers/off-site.ts'
import { temporaryFolder } from '../helpers/temp.ts'

test('a repository of 2,000 files goes to restic on an S3 server and back', async (context) => {
  for (const one of ['restic', 'openssl'])
    if (missing(one, ['version'])) needed(context, `${one} is missing: apt-get install ${one}`)
  const { files, same } = await thereAndBack(2_000, temporaryFolder(), false)
  expect([files, same]).toEqual([2_000, true])
})
