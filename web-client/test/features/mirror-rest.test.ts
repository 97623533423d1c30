import { effectScope } from 'vue'
import { describe, expect, it } from 'vitest'
import { manualClock } from '@vigil/contract/testing/manual-clock'
import { DIM_MS, TO_START_MS, useMirrorRest } from '../../src/features/mirror/useMirrorRest.ts'
import { byName, openApp } from '../support/open-app.ts'

const S6 = '00000000-0000-7000-8000-000000002005'

function resting(awake = false) {
  const clock = manualClock(0)
  const target = new EventTarget()
  let starts = 0
  const scope = effectScope()
  const rest = scope.run(() => useMirrorRest({ clock, awake: () => awake, toStart: () => starts++, target }))
  return { clock, dim: () => rest?.dim.value, starts: () => starts, touch: () => target.dispatchEvent(new Event('pointerdown')), stop: () => scope.stop() }
}

describe('a mirror nobody touches', () => {
  it('stands at its start after a minute, once for each visit, and dims after three', () => {
    const { clock, dim, starts, touch } = resting()
    touch()
    clock.advance(TO_START_MS)
    expect([starts(), dim()]).toEqual([1, false])
    clock.advance(DIM_MS)
    expect([starts(), dim()]).toEqual([1, true])
    touch()
    expect(dim()).toBe(false)
    clock.advance(TO_START_MS)
    expect(starts()).toBe(2)
  })

  it('stays lit while something must be seen', () => {
    const { clock, dim } = resting(true)
    clock.advance(DIM_MS * 2)
    expect(dim()).toBe(false)
  })
})

describe('guests at the mirror', () => {
  it('see nothing of the person, after one tap and after a reload; one tap brings it back', async () => {
    const { until, router, text } = await openApp({ path: `/me?stay=${S6}` })
    await until(() => expect(document.querySelector('.mirror-tile .vital')).toBeTruthy())
    byName('button', 'Guests').click()
    await until(() => expect(router.currentRoute.value.query['guest']).toBe('1'))
    expect(document.querySelector('.mirror-tile, .mirror-week, .looks')).toBeNull()
    expect(text()).not.toContain('Petr')
    byName('button', 'Show my readings again').click()
    await until(() => expect(document.querySelector('.mirror-tile .vital')).toBeTruthy())
  })
})

describe('what a person at the mirror must see', () => {
  const order = () => [...document.querySelectorAll('.mirror-seen, .mirror-tiles')].map((part) => part.className)

  it('stands before the numbers: that nothing raises an alarm, or that the nurse cannot see', async () => {
    const { until, central } = await openApp({ path: `/me?stay=${S6}` })
    await until(() => expect(order()).toEqual(['mirror-tiles', 'mirror-seen']))
    central.alarms.monitoring.set(S6, { mode: 'paused', by: 'Li Wei', role: 'nurse', reason: 'bath', until: central.alarms.iso(600_000) })
    central.tellStay(S6)
    await until(() => expect(order()).toEqual(['mirror-seen', 'mirror-seen', 'mirror-tiles']))
    central.alarms.monitoring.set(S6, { mode: 'on' })
    central.silence('ST-0047')
    central.tellStay(S6)
    await until(() => expect(order()).toEqual(['mirror-seen', 'mirror-tiles']))
  })

  it('is never a time at which nothing was sent', async () => {
    const { until, text } = await openApp({ path: `/me?stay=${S6}`, before: (c) => {
      const device = c.world.devices.get('ST-0047')
      if (device) Object.assign(device, { silent: true, latest: {} })
    } })
    await until(() => expect(text()).toContain('Nothing has been measured here yet.'))
    expect(text()).not.toMatch(/last sent/)
  })
})
