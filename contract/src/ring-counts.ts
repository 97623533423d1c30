import type { RingSize } from './api/rollouts.ts'

/** How many of so many devices each ring holds: rings one after the other, at least one device in each; what is left over is the last. */
export function ringCounts(devices: number, sizes: readonly RingSize[]): number[] {
  const counts: number[] = []
  let left = devices
  for (const size of sizes) {
    const asked = 'devices' in size ? size.devices : Math.max(1, Math.round((devices * size.percent) / 100))
    counts.push(Math.min(left, asked))
    left -= Math.min(left, asked)
  }
  return [...counts, left].filter((count) => count > 0)
}
