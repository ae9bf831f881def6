import { defineConfig } from 'vitest/config'

const all = process.env['KNOWNGOOD_REQUIRE_ALL'] === '1'

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/**/*.test.{ts,tsx}'],
    globalSetup: [],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Frames are measured against these; without them Ink starts a `tput` for every frame of a test.
    env: {
      COLUMNS: '80',
      LINES: '24',
      TZ: 'UTC',
      FORCE_COLOR: '0',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_SYSTEM: '/dev/null',
    },
    allowOnly: !all,
    // Terminals, servers and engines share two cores there. The report names what needed its second try, to be mended.
    retry: all ? 1 : 0,
    // Many wait for a host, a terminal or a server: three at a time keep two cores at work.
    maxWorkers: 3,
  },
})
