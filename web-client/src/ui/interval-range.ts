// The range every agent understands (`baseConfig` of the contract's config message, which a browser need not load).
const MINIMUM_MS = 200
const MAXIMUM_MS = 60_000

/** Narrowest range of what every agent accepts and what this device declares for `interval_ms`. */
export function baseIntervalRange(schema: unknown): { minimum: number; maximum: number } {
  const declared = typeof schema === 'object' && schema !== null ? (schema as Record<string, unknown>) : {}
  const { minimum, maximum } = declared
  return {
    minimum: typeof minimum === 'number' ? Math.max(minimum, MINIMUM_MS) : MINIMUM_MS,
    maximum: typeof maximum === 'number' ? Math.min(maximum, MAXIMUM_MS) : MAXIMUM_MS,
  }
}
