import { describe, expect, it } from 'vitest'
import { manualClock } from '@vigil/contract/testing/manual-clock'
import { max30102 } from '../../src/sensors/max30102.ts'
import { openRecordings } from '../../src/sim/recording-files.ts'
import { createSimulatedBoard } from '../../src/sim/simulated-board.ts'

const recordings = openRecordings()
const HZ = 25
const WINDOW = 10 * HZ

/** The plainest pulse rate there is: the first high peak of the autocorrelation of ten seconds without their slow level. */
function pulseRate(counts: number[]): number {
  const smooth = counts.map((_, i) => counts.slice(Math.max(0, i - 12), i + 13).reduce((sum, value, _i, { length }) => sum + value / length, 0))
  const pulse = counts.map((value, i) => value - (smooth[i] ?? 0))
  const correlation = (lag: number): number => pulse.slice(lag).reduce((sum, value, i) => sum + value * (pulse[i] ?? 0), 0) / (pulse.length - lag)
  const lags = Array.from({ length: 36 }, (_, i) => i + 8)
  const peaks = lags.filter((lag) => correlation(lag) > correlation(lag - 1) && correlation(lag) >= correlation(lag + 1))
  const highest = Math.max(...peaks.map(correlation))
  const lag = peaks.find((peak) => correlation(peak) >= 0.85 * highest) ?? Number.NaN
  const [before, here, after] = [correlation(lag - 1), correlation(lag), correlation(lag + 1)]
  return (60 * HZ) / (lag + (before - after) / (2 * (before - 2 * here + after)))
}

describe('the heart rate said to be true', () => {
  it.each(recordings.pulseIds)('is the one in the light of recording %s, register to register', async (id) => {
    const clock = manualClock()
    const board = createSimulatedBoard({ clock, pulse: recordings.pulse(id), ratioOfRatios: 0.5, seed: 1 })
    const oximeter = await max30102.open(board.bus.open({ address: 0x57 }), { clock })
    let counts: number[] = []
    let compared = 0
    let agreed = 0
    for (let second = 1; second <= 600; second += 1) {
      clock.advance(1_000)
      for (const reading of await oximeter.read()) if (reading.kind === 'block' && reading.channel === 'ir') counts.push(...reading.values)
      counts = counts.slice(-WINDOW)
      if (second < 10 || second % 10 !== 0) continue
      const truth = board.truth(clock.monotonic() - 5_000).heartRate
      if (truth === undefined) continue
      compared += 1
      if (Math.abs(pulseRate(counts) - truth) <= 5) agreed += 1
    }
    expect(compared).toBeGreaterThan(55)
    // The plain method loses a few windows to movement; a wrong lag or seam would lose far more.
    expect(agreed / compared).toBeGreaterThan(0.93)
  })
})
