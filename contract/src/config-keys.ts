/** Configuration keys every agent understands; a device may report more. Without schemas, so that a small board can carry it. */
export const baseConfig = {
  interval_ms: { type: 'integer', minimum: 200, maximum: 60_000, description: 'Time between telemetry objects, milliseconds' },
} as const
