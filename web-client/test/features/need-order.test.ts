import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import type { Alarm } from '@vigil/contract/api/alarms'
import { byNeed } from '../../src/alarms/alarm-order.ts'
import { needOrder, type BedNeed } from '../../src/features/ward/need-order.ts'
import { HOLD_MS } from '../../src/features/ward/useNeedOrder.ts'
import { byName, openApp } from '../support/open-app.ts'

const alarm = (more: Partial<Alarm>): Alarm => ({ priority: 'high', state: 'active', kind: 'physiological', announcedAt: '2026-07-14T02:00:00.000Z', ...more }) as Alarm
const bed = (more: Partial<BedNeed> = {}): BedNeed => ({ occupied: true, urgent: undefined, score: 0, ...more })

describe('beds in the order of need', () => {
  it('begin with the worst alarm that nobody answered; then comes the score, then the place, and empty beds are last', () => {
    const beds = [bed({ occupied: false }), bed(), bed({ score: 5 }), bed({ urgent: alarm({ priority: 'medium' }) }), bed({ urgent: alarm({ state: 'acknowledged' }), score: 9 }), bed({ urgent: alarm({}) }), bed()]
    expect(needOrder(beds)).toEqual([5, 3, 4, 2, 1, 6, 0])
  })

  it('are all of them, each once, and no bed stands before one whose alarm wants somebody more', () => {
    const need = fc.record({ occupied: fc.boolean(), score: fc.integer({ min: 0, max: 20 }), urgent: fc.option(fc.record({ priority: fc.constantFrom('high', 'medium', 'low'), state: fc.constantFrom('active', 'latched', 'acknowledged') }).map((more) => alarm(more as Partial<Alarm>)), { nil: undefined }) })
    fc.assert(fc.property(fc.array(need, { maxLength: 30 }), (beds) => {
      const order = needOrder(beds)
      expect([...order].sort((a, b) => a - b)).toEqual(beds.map((_, i) => i))
      for (const [i, place] of order.slice(1).entries()) {
        const [before, after] = [beds[order[i] as number] as BedNeed, beds[place] as BedNeed]
        if (before.occupied === after.occupied && after.urgent) expect(before.urgent && byNeed(before.urgent, after.urgent) <= 0).toBe(true)
      }
    }))
  })
})

describe('the wall on a phone', () => {
  const width = Object.getOwnPropertyDescriptor(HTMLElement.prototype, 'clientWidth')
  afterEach(() => (width ? Object.defineProperty(HTMLElement.prototype, 'clientWidth', width) : Reflect.deleteProperty(HTMLElement.prototype, 'clientWidth')))
  const phone = () => Object.defineProperty(HTMLElement.prototype, 'clientWidth', { configurable: true, get: () => 380 })
  const first = () => document.querySelector('[data-cell="0"]')?.textContent ?? ''

  it('has the bed with an alarm on top, and as it stands in the ward by one press that stays in the address', async () => {
    phone()
    const { until, router } = await openApp({ path: '/ward/ward-3?names=initials', before: (c) => void c.alarms.raise('bed-06', { condition: 'low:spo2' }) })
    await until(() => expect(first()).toContain('06'))
    byName('.wall-order a', 'By bed').click()
    await until(() => expect(first()).toContain('01'))
    expect(router.currentRoute.value.fullPath).toBe('/ward/ward-3?names=initials&order=bed')
  })

  it('moves nothing under a finger: what was touched lately stays in its place', async () => {
    phone()
    const { until, central, clock, services } = await openApp({ path: '/ward/ward-3' })
    await until(() => expect(first()).toContain('01'))
    dispatchEvent(new Event('pointerdown'))
    central.alarms.raise('bed-06', { condition: 'low:spo2' })
    await until(() => expect(services.live.alarms.open.value).toHaveLength(1))
    await until(() => expect(document.querySelector('.alarm-strip')).not.toBeNull())
    expect(first()).toContain('01')
    clock.advance(HOLD_MS)
    await until(() => expect(first()).toContain('06'))
  })

  it('is not offered where all beds are seen at once', async () => {
    const { until } = await openApp({ path: '/ward/ward-3', before: (c) => void c.alarms.raise('bed-06', { condition: 'low:spo2' }) })
    await until(() => expect(first()).toContain('01'))
    expect(document.querySelector('.wall-order')).toBeNull()
  })
})
