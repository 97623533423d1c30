import { expect } from 'vitest'

/** Polls until it holds, or fails saying what was waited for. */
export async function until(holds: () => unknown, what: string, withinMs = 30_000): Promise<void> {
  const deadline = performance.now() + withinMs
  while (!(await holds())) {
    if (performance.now() > deadline) expect.unreachable(`waited ${withinMs} ms for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 15))
  }
}
