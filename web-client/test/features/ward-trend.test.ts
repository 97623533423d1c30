import { describe, expect, it } from 'vitest'
import { sustained } from '../../src/ui/sustained.ts'
import { Refusal } from '../fake-central/refusal.ts'
import { openApp } from '../support/open-app.ts'

const steady = (value: number, n: number): number[] => Array.from({ length: n }, (_, i) => value + (i % 3) - 1)

describe('a course', () => {
  it('is one that moved and stayed: not a dip that came back, not the grain of a steady value', () => {
    expect(sustained('spo2', [...steady(97, 24), ...steady(91, 6)])).toBe('down')
    expect(sustained('pr', [...steady(70, 24), 92, 95, 97, 99, 101, 104])).toBe('up')
    expect(sustained('spo2', [...steady(97, 24), 90, 89, 88, 90, 95, 97])).toBeUndefined()
    expect(sustained('spo2', steady(97, 30))).toBeUndefined()
  })

  it('is not told from a few minutes, nor over a silence', () => {
    expect(sustained('pr', [...Array.from({ length: 20 }, () => null), ...steady(70, 4), ...steady(110, 6)])).toBeUndefined()
    expect(sustained('pr', [...steady(70, 24), null, null, 110, 111, 112, 113])).toBeUndefined()
  })
})

describe('the last quarter of an hour on a tile', () => {
  const tile = () => document.querySelector('[data-cell="0"]') as HTMLElement
  const lines = () => [...tile().querySelectorAll('.spark-line')].map((line) => line.getAttribute('d') ?? '')

  it('is drawn on a fixed scale over the limits, breaks where nothing was measured, and says rising or falling in words', async () => {
    const { until } = await openApp({ path: '/ward/ward-3', before: (c) => void c.trends.set('bed-01/spo2', [...Array.from({ length: 22 }, () => 97), null, null, ...Array.from({ length: 6 }, () => 91)]) })
    await until(() => expect(lines()).toHaveLength(2))
    expect(lines()[1]?.match(/M/g)).toHaveLength(2)
    // 97 of 70 to 100 in a height of 24; the band begins at the limit of 90.
    expect(lines()[1]).toMatch(/^M-0.3 2\.4L0 2\.4L1 2\.4/)
    expect(tile().querySelectorAll('.spark-band')[1]?.getAttribute('height')).toBe('8')
    expect([...tile().querySelectorAll('.vital-course')].map((e) => e.textContent)).toEqual(['↓falling'])
  })

  it('is gone when no newer one came for a minute and a half: an old course never stands behind a number of now', async () => {
    const { until, central, clock } = await openApp({ path: '/ward/ward-3' })
    await until(() => expect(lines()).toHaveLength(2))
    const asked = central.requests.filter((line) => line.endsWith('/trend')).length
    clock.advance(30_000)
    central.tick()
    await until(() => expect(central.requests.filter((line) => line.endsWith('/trend')).length).toBeGreaterThan(asked))
    central.refusals.set('GET /wards/ward-3/trend', new Refusal('INTERNAL', 'a fault'))
    clock.advance(91_000)
    await until(() => {
      central.tick()
      expect(tile().querySelectorAll('.vital.is-live').length).toBeGreaterThan(2)
      expect(lines()).toEqual([])
    })
  })

  it('belongs to the stay it was measured in', async () => {
    const { until, central } = await openApp({ path: '/ward/ward-3' })
    await until(() => expect(lines()).toHaveLength(2))
    const bed = central.world.wards[0]?.beds[0]
    if (bed?.stay) bed.stay = { ...bed.stay, id: '00000000-0000-7000-8000-00000000ffff' }
    central.tellBed('bed-01')
    await until(() => expect(lines()).toEqual([]))
  })
})
