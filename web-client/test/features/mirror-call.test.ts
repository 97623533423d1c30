import { describe, expect, it } from 'vitest'
import { Refusal } from '../fake-central/refusal.ts'
import { byName, openApp } from '../support/open-app.ts'

const S6 = '00000000-0000-7000-8000-000000002005'
const called = () => document.querySelector('.mirror-called')?.textContent ?? ''

describe('a patient who feels unwell', () => {
  it('calls by one press and one to confirm, and is told that it went out and that somebody has seen it', async () => {
    const { central, until } = await openApp({ path: `/me?stay=${S6}` })
    await until(() => expect(document.querySelector('.mirror .vital.is-live')).not.toBeNull())
    byName('button', 'I feel unwell').click()
    await until(() => byName('button', 'Yes, call').click())
    await until(() => expect(called()).toContain('Your nurse was called at'))
    const [alarm] = [...central.alarms.open.values()]
    expect(alarm).toMatchObject({ condition: 'patient_call', stayId: S6, priority: 'high' })
    central.alarms.clear(alarm?.id ?? '')
    await until(() => expect(called()).toContain('Your nurse has seen your call'))
  })

  it('is told plainly when the call did not go out, and whom to ring', async () => {
    const { central, services, until } = await openApp({ path: `/me?stay=${S6}` })
    services.preferences.helpNumber = '112'
    central.refusals.set(`POST /stays/${S6}/patient-call`, new Refusal('ALARM_ENGINE_AWAY', 'away'))
    await until(() => byName('button', 'I feel unwell').click())
    await until(() => byName('button', 'Yes, call').click())
    await until(() => expect(called()).toMatch(/did NOT go out.*112/))
  })

  it('a slip of the finger calls nobody', async () => {
    const { central, until } = await openApp({ path: `/me?stay=${S6}` })
    await until(() => byName('button', 'I feel unwell').click())
    await until(() => byName('.mirror-sure button', 'No').click())
    await until(() => expect(byName('button', 'I feel unwell')).toBeTruthy())
    expect(central.alarms.open.size).toBe(0)
  })
})
