// @vitest-environment node
import { describe, expect, it } from 'vitest'
import { manualClock } from '@vigil/contract/testing/manual-clock'
import { createWatchdog, type Sight } from '../../src/live/watchdog.ts'

function watched() {
  const clock = manualClock()
  const said: Sight[] = []
  const dog = createWatchdog(clock, (sight) => said.push(sight))
  return { clock, said, dog }
}

describe('the watchdog of the screen', () => {
  it('declares the screen blind ten seconds after the last word, with a warning on the way', () => {
    const { clock, said, dog } = watched()
    dog.beat()
    clock.advance(9_500)
    expect(said).toEqual(['starting', 'live', 'quiet'])
    clock.advance(500)
    expect(said).toEqual(['starting', 'live', 'quiet', 'blind'])
  })

  it('does not bark while heartbeats come', () => {
    const { clock, said, dog } = watched()
    for (let i = 0; i < 60; i++) {
      dog.beat()
      clock.advance(2_000)
    }
    expect(said).toEqual(['starting', 'live'])
  })

  it('declares a screen blind that never heard anything', () => {
    const { clock, said } = watched()
    clock.advance(10_000)
    expect(said.at(-1)).toBe('blind')
  })

  it('says live again with the first word', () => {
    const { clock, said, dog } = watched()
    clock.advance(30_000)
    dog.beat()
    expect(said.at(-1)).toBe('live')
  })

  it('stops when told', () => {
    const { clock, dog } = watched()
    dog.stop()
    expect(clock.pending()).toBe(0)
  })
})
