import { type RetryDelay, retryDelayMs } from '@vigil/contract/retry-delay'

const RECONNECT: RetryDelay = { leastMs: 200, firstMs: 1_000, longestMs: 60_000 }

/**
 * How long to wait before attempt number `failures` + 1. The first two retries come within a second, because most cuts are short; then within
 * 2, 4 … 60 s, so that a ward does not return in step after the broker was restarted.
 */
export const reconnectDelayMs = (failures: number, random: () => number): number => retryDelayMs(failures - 1, RECONNECT, random)
