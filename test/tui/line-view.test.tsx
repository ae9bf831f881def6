import { render } from 'ink-testing-library'
import { expect, test } from 'vitest'
import { line, strong, t } from '../../src/tui/line.ts'
import { LineView } from '../../src/tui/parts/line-view.tsx'
import { StageContext, type Stage } from '../../src/tui/stage.ts'
import { makeTheme } from '../../src/tui/theme.ts'

const drawn = (env: Record<string, string>, spans: ReturnType<typeof line>) => {
  // The view reads the theme and nothing else of the stage.
  const stage = { theme: makeTheme(env, 'auto') } as unknown as Stage
  const { lastFrame, unmount } = render(
    <StageContext value={stage}>
      <LineView spans={spans} />
    </StageContext>,
  )
  const frame = lastFrame()
  unmount()
  return frame
}

test('a row is drawn as its spans say', () => {
  expect(drawn({ LANG: 'C.UTF-8' }, line(strong('prod-2025-11-18'), '  ', t('✗ serves 9f2c1e0', 'danger')))).toContain(
    'prod-2025-11-18  ✗ serves 9f2c1e0',
  )
})

test('where the terminal is not UTF-8 the glyphs are ASCII', () => {
  expect(drawn({ LANG: 'C', LC_ALL: 'C' }, line(t('✗ serves 9f2c1e0', 'danger')))).toContain('x serves 9f2c1e0')
})
