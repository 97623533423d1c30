import { describe, expect, it } from 'vitest'
import { newestPressure } from '../../src/ui/blood-pressure.ts'
import { openApp } from '../support/open-app.ts'

const [S1, S10] = ['00000000-0000-7000-8000-000000002000', '00000000-0000-7000-8000-000000002009']
const nibp = (cell: number) => document.querySelector<HTMLElement>(`[data-cell="${cell}"] .nibp`)
const words = (element: Element | null) => element?.textContent?.replace(/\s+/g, ' ').trim()

describe('the blood pressure of a patient', () => {
  it('that a nurse types in is on the tile at once, with its clock time, and says that it was typed in', async () => {
    const { until, central, services, clock } = await openApp({ path: '/ward/ward-3' })
    await until(() => expect(document.querySelector('[data-cell="0"] .vital.is-live')).toBeTruthy())
    expect(nibp(0)).toBeNull()
    await services.api.observe(S1, { sys: 132, dia: 84, at: new Date(clock.now() - 19 * 60_000).toISOString() })
    await until(() => expect(words(nibp(0))).toMatch(/^NIBP ?mmHg ?132\/84 ?\d\d:55 ?typed in$/))
    expect(nibp(0)?.title).toBe('NIBP mmHg · typed in')
    // The cuff measures later: that is the newest, and nobody typed it in.
    central.script('ST-0042', 'sys', { v: 118, t: 0 })
    central.script('ST-0042', 'dia', { v: 71, t: 0 })
    central.tick()
    await until(() => expect(words(nibp(0))).toMatch(/^NIBP ?mmHg ?118\/71 ?\d\d:14$/))
  })

  it('of before the admission is nobody’s here', async () => {
    const { until, services, central } = await openApp({ path: '/ward/ward-3' })
    await until(() => expect(document.querySelector('[data-cell="0"] .vital.is-live')).toBeTruthy())
    const stay = central.world.stays.get(S1)
    await services.api.observe(S1, { sys: 99, at: new Date(Date.parse(stay?.admittedAt ?? '') - 1_000).toISOString() })
    await services.api.observe(S10, { sys: 140, dia: 90 })
    // Without a device it is the one value there is.
    await until(() => expect(words(nibp(9))).toMatch(/140\/90/))
    expect(nibp(0)).toBeNull()
  })

  it('stands on every page of the patient', async () => {
    const { until, services, router } = await openApp({ path: `/patient/${S1}/live` })
    await until(() => expect(document.querySelector('.live-numbers .vital.is-live')).toBeTruthy())
    await services.api.observe(S1, { sys: 132, dia: 84 })
    await until(() => expect(words(document.querySelector('.live-nibp'))).toMatch(/132\/84.*typed in/))
    await router.push(`/patient/${S1}/trends`)
    await until(() => expect(words(document.querySelector('.strip-vitals .nibp'))).toMatch(/132\/84.*typed in/))
  })

  it('is the newest one; systolic and diastolic are of one measurement', () => {
    const typedPressure = { sys: 130, dia: 80, t: 1_000 }
    expect(newestPressure({ latest: {} })).toBeUndefined()
    expect(newestPressure({ latest: {}, typedPressure })).toEqual({ ...typedPressure, typed: true })
    expect(newestPressure({ latest: { sys: { v: 120, t: 999 } }, typedPressure })).toMatchObject({ sys: 130, typed: true })
    expect(newestPressure({ latest: { sys: { v: 120, t: 1_000 }, dia: { v: 70, t: 900 } }, typedPressure })).toEqual({ sys: 120, dia: undefined, t: 1_000, typed: false })
    expect(newestPressure({ latest: { sys: { v: null, t: 2_000 } }, typedPressure })).toMatchObject({ sys: 130 })
  })
})
