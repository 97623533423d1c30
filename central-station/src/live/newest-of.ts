/**
 * Newest time (`t`) or uptime (`up`) in one message, of objects as they came: what the device's clock or uptime was when it sent. `undefined` when none
 * has one, as the time of a board without a clock.
 */
export function newestOf(objects: readonly unknown[], key: 't' | 'up'): number | undefined {
  let newest: number | undefined
  for (const object of objects) {
    const value = (object as { t?: unknown; up?: unknown } | null)?.[key]
    if (typeof value === 'number' && (newest === undefined || value > newest)) newest = value
  }
  return newest
}
