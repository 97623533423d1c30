/** Evenly spaced samples that begin again when they end. */
export interface Waveform {
  readonly hz: number
  readonly values: Float32Array
}

export const durationS = ({ hz, values }: Waveform): number => values.length / hz

/**
 * The value at any time, by cubic (Catmull-Rom) interpolation: it passes through every recorded sample and, unlike straight lines,
 * leaves the pulse's slopes and the dicrotic notch standing at a chip's faster clock. The recording loops; at the seam the level jumps.
 */
export function valueAt({ hz, values }: Waveform, tS: number): number {
  const count = values.length
  const position = tS * hz
  const index = Math.floor(position)
  const x = position - index
  const at = (offset: number): number => values[(((index + offset) % count) + count) % count] ?? 0
  const before = at(-1)
  const here = at(0)
  const next = at(1)
  const after = at(2)
  return here + 0.5 * x * (next - before + x * (2 * before - 5 * here + 4 * next - after + x * (3 * (here - next) + after - before)))
}
