import { describe, expect, it } from 'vitest'
import { createPulseTrack } from '../../src/signals/pulse/pulse-track.ts'

/** A track that has followed 70 a minute at amplitude 1 for half a minute. */
const followed = () => {
  const track = createPulseTrack()
  for (let t = 0; t < 30; t += 1) track.accept(70, 1, t)
  return track
}
const acceptedFrom = (rate: number, amplitude: number): number | undefined => {
  const track = followed()
  for (let t = 30; t < 60; t += 1) if (track.accept(rate, amplitude, t)) return t - 30
  return undefined
}

describe('the track of the pulse', () => {
  it('begins with a rhythm that stays for two seconds', () => {
    const track = createPulseTrack()
    expect([0, 1, 2, 3].map((t) => track.accept(70, 1, t))).toEqual([false, false, true, true])
    expect(track.rate).toBeCloseTo(70)
  })

  it('does not begin with rhythms that change', () => {
    const track = createPulseTrack()
    expect([70, 130, 60, 110, 80, 150].map((rate, t) => track.accept(rate, 1, t))).not.toContain(true)
  })

  it('goes along with what a heart can do from one second to the next', () => {
    const track = followed()
    expect([74, 78, 84, 90].map((rate, i) => track.accept(rate, 1, 30 + i))).toEqual([true, true, true, true])
  })

  it.each([['another rate', 110, 1], ['a wave four times as high', 70, 4], ['a wave a third as high', 70, 0.33]])('takes %s for movement until it has stayed for fourteen seconds', (_, rate, amplitude) => {
    expect(acceptedFrom(rate, amplitude)).toBe(14)
  })

  it('asks for the proof again when the new rhythm comes and goes', () => {
    const track = followed()
    const accepted = Array.from({ length: 40 }, (_, i) => (i % 6 < 3 ? track.accept(110, 1, 30 + i) : false))
    expect(accepted).not.toContain(true)
  })

  it('is forgotten when nothing has confirmed it for forty seconds, the usual height of the wave is not', () => {
    const track = followed()
    track.age(60)
    expect(track.rate).toBeCloseTo(70)
    track.age(80)
    expect(track.rate).toBeUndefined()
    expect(track.isUsualAmplitude(1)).toBe(true)
    expect(track.isUsualAmplitude(9)).toBe(false)
    track.reset()
    expect(track.isUsualAmplitude(9)).toBe(true)
  })

  it('is kept alive by a weaker source', () => {
    const track = followed()
    track.follow(72, 60)
    track.age(80)
    expect(track.rate).toBeGreaterThan(70)
  })
})
