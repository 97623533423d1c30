import { describe, expect, it } from 'vitest'
import { phonesSend } from '../fake-central/phones.ts'
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

describe('the phones that send for a patient', () => {
  const part = () => document.querySelector('.mirror-phones') as HTMLElement

  it('are told in words on their own page, and one is ended by a press and one to confirm', async () => {
    const { central, until } = await openApp({ path: '/me', user: 'patient', before: phonesSend })
    await until(() => expect(part()?.textContent).toMatch(/Phones that send for you.*iPhone at home sends; last 2 h ago.*Phone without a name has sent nothing for 3 d/))
    expect(part().textContent, 'one that was ended before').not.toContain('Old phone')
    byName('.mirror-phones button', 'Stop iPhone at home').click()
    await until(() => expect(part().textContent).toContain('Shall iPhone at home send nothing more?'))
    expect(central.phones.sources[0]?.revokedAt).toBeUndefined()
    byName('.mirror-phones button', 'Yes, stop it').click()
    await until(() => expect(part().textContent).toContain('iPhone at home sends nothing more. What it sent stays.'))
    expect(central.requests).toContain(`DELETE /me/phones/${central.phones.sources[0]?.id}`)
    await until(() => expect(part().querySelectorAll('li')).toHaveLength(1))
    expect(document.activeElement?.textContent).toContain('sends nothing more')
  })

  it('are none, or cannot be shown: said plainly, and the rest of the page is there', async () => {
    const { central, until } = await openApp({ path: '/me', user: 'patient', before: (c) => void c.refusals.set('GET /me/phones', new Refusal('DATABASE_AWAY', 'away')) })
    await until(() => expect(part()?.textContent).toContain('Your phones cannot be shown now.'))
    expect(document.querySelector('.mirror-tile')).not.toBeNull()
    central.refusals.clear()
    byName('.mirror-phones button', 'Try again').click()
    await until(() => expect(part().textContent).toContain('No phone sends for you.'))
  })
})
