let heard = false

/**
 * A write beyond what a file may grow to fails with EFBIG, as Node has it. Who listens for the signal, as execa does while it has a child, and then
 * stops, leaves it deadly; so that from now on somebody always listens.
 */
export function surviveLongFiles(): void {
  if (heard || process.platform === 'win32') return
  heard = true
  process.on('SIGXFSZ', () => undefined)
}
