import { z } from 'zod'
import { safeApi } from '../core/github.ts'
import { variable } from './words.ts'

/** The repository on GitHub; all of it is found out where it is left out. */
export const githubKeys = z.strictObject({
  repository: z
    .string({ error: 'is owner/name' })
    .regex(/^[A-Za-z0-9][\w.-]*\/[\w.-]+$/, { error: 'is owner/name, such as mosaic/site' })
    .optional()
    .describe("The repository, as owner/name. Default: the git remote's."),
  api: z
    .string({ error: 'is a URL in quotes' })
    .refine(safeApi, { error: 'is an https: address without a user name, such as https://github.example/api/v3' })
    .optional()
    .describe("The API's address, for GitHub Enterprise. Default: GITHUB_API_URL, else https://api.github.com."),
  token: variable.optional().describe('The variable that holds the token. Default: GITHUB_TOKEN, else GH_TOKEN.'),
})
