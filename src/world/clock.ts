const began = performance.now()

/** The present. With KNOWNGOOD_NOW (ISO 8601) time starts there and goes on, so that frames and demos can be repeated. */
export function now(): Date {
  const fixed = process.env['KNOWNGOOD_NOW']
  const start = fixed === undefined ? Number.NaN : Date.parse(fixed)
  return Number.isNaN(start) ? new Date() : new Date(start + (performance.now() - began))
}
