import { describe, expect, it } from 'vitest'
import { beatRecording, fingerRecordings } from '../../src/accuracy/finger-recordings.ts'
import { createPulsePolarity } from '../../src/signals/pulse/pulse-polarity.ts'

const LOOK_S = 6

/** What the first seconds of clips all over a recording say. */
function verdicts(samples: readonly number[], hz: number): (boolean | undefined)[] {
  const said: (boolean | undefined)[] = []
  for (let from = 0; from + LOOK_S * hz < samples.length; from += 20 * hz) {
    const polarity = createPulsePolarity(hz)
    for (const x of samples.slice(from, from + LOOK_S * hz)) polarity.push(x)
    said.push(polarity.falling)
  }
  return said
}

describe('which way up a pulse wave is', () => {
  it('is seen from six seconds of the light of a fingertip', () => {
    for (const { hz, light } of fingerRecordings()) {
      const said = verdicts(light, hz)
      expect(said.filter((falling) => falling === true).length / said.length).toBeGreaterThan(0.97)
      expect(said.filter((falling) => falling === false)).toEqual([])
    }
  })

  it('is never mistaken in the wave a monitor draws, which is rounder', () => {
    const { hz, pulse } = beatRecording()
    const said = verdicts(pulse, hz)
    expect(said.filter((falling) => falling === true)).toEqual([])
    expect(said.filter((falling) => falling === false).length).toBeGreaterThan(said.length / 3)
  })

  it('is not told of a wave that is the same both ways', () => {
    const polarity = createPulsePolarity(25)
    for (let i = 0; i < 25 * LOOK_S; i += 1) polarity.push(1_000 * Math.sin((2 * Math.PI * 1.2 * i) / 25))
    expect(polarity.falling).toBeUndefined()
  })

  it('is not told of nothing', () => expect(createPulsePolarity(25).falling).toBeUndefined())
})
