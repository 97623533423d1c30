import { describe, expect, it } from 'vitest'
import { chooseSound } from '../../src/alarms/choose-sound.ts'
import { byName, fill, openApp } from '../support/open-app.ts'

const S6 = '00000000-0000-7000-8000-000000002005'
const patient = `/patient/${S6}`
const words = (selector: string) => document.querySelector(selector)?.textContent?.replace(/\s+/g, ' ').trim()
const tile = () => document.querySelector<HTMLElement>('[data-cell="5"]')

describe('pausing the monitoring of a patient', () => {
  it('asks why and for how long, says what happens meanwhile, and is in words on the page and above every page, counting down', async () => {
    const { until, text, clock, central } = await openApp({ path: patient, user: 'nurse' })
    await until(() => {
      byName('button', 'Pause monitoring…').click()
      expect(text()).toContain('The patient’s own call sounds as ever')
    })
    expect(document.querySelector('.dialog-actions')?.textContent).toContain('give a reason')
    byName('button', 'bath').click()
    byName('button', '20 minutes').click()
    await until(() => byName('button', 'Pause for 20 min').click())
    await until(() => expect(central.alarms.monitoring.get(S6)).toMatchObject({ mode: 'paused', reason: 'bath' }))
    await until(() => expect(words('.patient-quiet .monitoring-note')).toMatch(/^Monitoring paused: bath ?(20:00|19:5\d) left ?Li Wei, Nurse/))
    expect(words('.paused-strip')).toMatch(/^Monitoring paused ?Bed ?06 ?bath ?(20:00|19:5\d) left ?by Li Wei/)
    clock.advance(60_000)
    await until(() => expect(words('.paused-strip')).toMatch(/(19:00|18:5\d) left/))
  })

  it('takes a reason of its own, and ends early by one button', async () => {
    const { until, central } = await openApp({ path: patient, user: 'nurse' })
    await until(() => {
      byName('button', 'Pause monitoring…').click()
      fill(byName('input', 'Reason'), 'with the physiotherapist')
    })
    await until(() => byName('button', 'Pause for 10 min').click())
    await until(() => expect(words('.patient-quiet .monitoring-note')).toContain('with the physiotherapist'))
    byName('button', 'Monitor again now').click()
    await until(() => expect(document.querySelector('.monitoring-note')).toBeNull())
    expect(central.alarms.monitoring.get(S6)).toEqual({ mode: 'on' })
    expect(document.querySelector('.paused-strip')).toBeNull()
  })

  it('is told to the patient on their mirror, with its end and without who or why', async () => {
    const pause = { mode: 'paused', by: 'Li Wei', role: 'nurse', reason: 'bath' } as const
    const { until } = await openApp({ path: `/me?stay=${S6}`, before: (c) => void c.alarms.monitoring.set(S6, { ...pause, until: new Date(c.clock.now() + 20 * 60_000).toISOString() }) })
    await until(() => expect(words('.mirror')).toMatch(/Your monitoring is paused until \d\d:\d\d: readings raise no alarm\. Your call for help works as always\./))
    expect(words('.mirror')).not.toMatch(/Li Wei|bath/)
  })

  it('is a matter of nurses: others read why not', async () => {
    const { until } = await openApp({ path: patient, user: 'viewer' })
    await until(() => expect(byName('button', 'Pause monitoring…').getAttribute('aria-disabled')).toBe('true'))
  })

  it('is loud on the tile, whose values go on; what stood open is marked, and neither flashes nor sounds', async () => {
    const { until, central, services } = await openApp({
      path: '/ward/ward-3',
      before: (c) => {
        c.alarms.monitoring.set(S6, { mode: 'paused', since: c.alarms.iso(), until: c.alarms.iso(600_000), by: 'Li Wei', role: 'nurse', reason: 'transport' })
        c.alarms.raise('bed-06', { condition: 'low:spo2', value: 86, worst: 84, limit: 90, pausedSince: c.alarms.iso() })
      },
    })
    await until(() => expect(tile()?.textContent).toMatch(/Monitoring paused: transport ?.*left ?by Li Wei/))
    expect(tile()?.className).toContain('tile-paused')
    expect(tile()?.className).not.toContain('tile-calls')
    await until(() => expect(words('.alarm-strip')).toContain('held back while paused'))
    expect(document.querySelectorAll('.alarm-flashing')).toHaveLength(0)
    expect(document.querySelector('[role="alert"].sr-only')?.textContent).toBe('')
    expect(chooseSound(services.live.alarms.open.value, () => undefined, central.clock.now())).toBeUndefined()
    expect(tile()?.querySelector('.vital-number')?.textContent).toMatch(/\d/)
  })

  it.each([['en', 'Monitoring paused: bath'], ['es', 'Vigilancia en pausa: baño'], ['pl', 'Monitorowanie wstrzymane: kąpiel'], ['zh', '监护暂停：沐浴']] as const)('is on the sheet for the next shift: %s', async (language, said) => {
    const { until, text } = await openApp({ path: '/handover?wards=ward-3', language, before: (c) => void c.alarms.monitoring.set(S6, { mode: 'paused', since: c.alarms.iso(), until: c.alarms.iso(600_000), by: 'Li Wei', role: 'nurse', reason: 'bath' }) })
    await until(() => expect(text()).toContain(said))
  })
})
