import { expect } from 'vitest'

/** Polls until `check` no longer throws, or the deadline is over; then its own complaint is the failure. */
export async function eventually(check: () => void | Promise<void>, withinMs = 8_000): Promise<void> {
  await expect.poll(async () => {
    try {
      await check()
      return 'as expected'
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
  }, { timeout: withinMs, interval: 10 }).toBe('as expected')
}
