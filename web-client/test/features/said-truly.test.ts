import { describe, expect, it } from 'vitest'
import { Refusal } from '../fake-central/refusal.ts'
import { byName, openApp } from '../support/open-app.ts'

const S6 = '00000000-0000-7000-8000-000000002005'

describe('what a screen does not know', () => {
  it('of a ward nobody chose is not called calm', async () => {
    const { until, text } = await openApp({ path: '/shift' })
    await until(() => expect(text()).toContain('Nothing to report.'))
    byName('input', /^Ward 3 East/).click()
    await until(() => expect(text()).toContain('Choose a ward above to see what happened there.'))
    expect(text()).not.toContain('Nothing to report.')
  })

  it('of past alarms that could not be read is not called calm either', async () => {
    const { until, text } = await openApp({ path: '/shift', before: (c) => void c.refusals.set('GET /alarms', new Refusal('DATABASE_AWAY', 'The database does not answer.')) })
    await until(() => expect(text()).toContain('Past alarms could not be read: only what is open now is listed.'))
    expect(text()).not.toContain('Nothing to report.')
  })

  it('of how full a ward is by now is asked again while the list stands there', async () => {
    const { until, text, central, clock } = await openApp({ path: '/' })
    await until(() => expect(text()).toContain('12 beds · 11 occupied'))
    const bed = central.world.wards[0]?.beds[0]
    if (bed) bed.stay = undefined
    clock.advance(15_000)
    await until(() => expect(text()).toContain('12 beds · 10 occupied'))
  })
})

describe('a key that did not do what it says', () => {
  it('says so: a sound that was not paused goes on', async () => {
    const { until, text, central } = await openApp({ path: '/ward/ward-3', before: (c) => {
      c.alarms.raise('bed-06', { condition: 'low:spo2', value: 86, worst: 84, limit: 90 })
      c.refusals.set(`PUT /stays/${S6}/audio`, new Refusal('DATABASE_AWAY', 'The database does not answer.'))
    } })
    await until(() => expect(document.querySelector('.alarm-strip')?.textContent).toContain('KOWALSKI'))
    document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'p', bubbles: true }))
    await until(() => expect(text()).toContain('The database does not answer.'))
    expect(central.alarms.audio.get(S6)?.mode ?? 'on').toBe('on')
  })
})
