import { describe, expect, it } from 'vitest'
import { healthRefusals } from '@vigil/contract/health/index'
import en from '../../src/i18n/en/index.ts'
import { isOwnMachine, phoneLink, phoneState } from '../../src/parts/phones/phone-link.ts'
import { phonesSend } from '../fake-central/phones.ts'
import { Refusal } from '../fake-central/refusal.ts'
import { byName, fill, openApp } from '../support/open-app.ts'

const HISTORY = '/patient/00000000-0000-7000-8000-000000002005/history'
const phones = () => document.querySelector('.phones')?.textContent?.replace(/\s+/g, ' ') ?? ''

describe('phones that send for a patient', () => {
  it('are listed with who added them, when they last sent and whether they still do; imports with counts and reasons', async () => {
    const { until } = await openApp({ path: HISTORY, before: phonesSend })
    await until(() => expect(phones()).toMatch(/iPhone at home.*nurse, 04-Jul-2026.*sends.*Phone without a name.*silent for 3 d.*Old phone.*never synced.*ended 13-Jul-2026/))
    await until(() => expect(phones()).toMatch(/iPhone at home · by the app · Vigil ?1.204 new · 3 replaced · 88 as before · partial days left out: 1,.*12 × a fraction read as percent ?2 refused: 1 × outside what is possible, 1 × no time/))
    expect(phones()).toContain('Heart rate: outside what is possible')
    expect(phones()).toContain('Phone without a name · by MQTTNot finished')
  })

  it('are added: the token is shown once with what to type, and the first data is waited for', async () => {
    const { until, central, clock, text } = await openApp({ path: HISTORY })
    await until(() => expect(phones()).toContain('No phone may send for this patient.'))
    byName('.phones button', 'Add a phone').click()
    await until(() => expect(byName('.dialog input', /^Which phone/)).toBeTruthy())
    fill(byName('.dialog input', /^Which phone/), 'iPhone at home')
    byName('.dialog button', 'Make the token').click()
    await until(() => expect(document.querySelector('.dialog')?.textContent).toMatch(/\/api\/v1\/import\/health-auto-export.*Authorization.*Bearer p{42}7/))
    expect(document.querySelector('.dialog .qr')).not.toBeNull()
    expect(text()).toContain('Waiting for the first data of this phone')
    Object.assign(central.phones.sources[0] ?? {}, { lastAt: new Date(clock.now()).toISOString() })
    clock.advance(3_000)
    await until(() => expect(text()).toContain('The phone has sent. Everything works.'))
    byName('.dialog button', 'It is in the phone: close').click()
    await until(() => expect(phones()).toMatch(/iPhone at home.*sends/))
    expect(document.body.innerHTML).not.toContain('pppp')
  })

  it('are ended after a question, and what is refused is said', async () => {
    const { until, central, text } = await openApp({ path: HISTORY, before: phonesSend })
    await until(() => expect(byName('.phones button', 'End the token of iPhone at home')).toBeTruthy())
    byName('.phones button', 'End the token of iPhone at home').click()
    await until(() => expect(text()).toContain('End the token of iPhone at home?'))
    expect(central.phones.sources[0]?.revokedAt).toBeUndefined()
    central.refusals.set(`DELETE /patients/00000000-0000-7000-8000-000000001005/health-sources/${central.phones.sources[0]?.id}`, new Refusal('DATABASE_AWAY', 'The database is away.'))
    byName('.dialog button', 'End the token').click()
    await until(() => expect(document.querySelector('.dialog [role="alert"]')?.textContent).toBeTruthy())
    central.refusals.clear()
    byName('.dialog button', 'End the token').click()
    await until(() => expect(central.phones.sources[0]?.revokedAt).toBeDefined())
    await until(() => expect(phones()).toMatch(/iPhone at home.*ended 14-Jul-2026/))
  })

  it('can be seen but not changed by whoever may not, with the reason;', async () => {
    const { until } = await openApp({ path: HISTORY, user: 'viewer', before: phonesSend })
    await until(() => expect(phones()).toContain('iPhone at home'))
    expect(byName('.phones button', 'Add a phone').getAttribute('aria-disabled')).toBe('true')
    expect(phones()).toContain('Your role may not let phones send')
    expect([...document.querySelectorAll('.phones button')].filter((button) => button.getAttribute('aria-label')?.startsWith('End'))).toEqual([])
  })

  it('have a word for every reason a row was refused', () => {
    expect(Object.keys(en.phones.refusal).sort()).toEqual([...healthRefusals].sort())
  })
})

describe('what a phone is told', () => {
  it('is one link of the app, with the token as a header and nothing of the person', () => {
    const link = new URL(phoneLink({ url: 'https://ward.example:8080/api/v1/import/health-auto-export', token: 'abc-_1', name: 'Vigil' }))
    expect(link.protocol).toBe('com.healthexport:')
    expect(Object.fromEntries(link.searchParams)).toMatchObject({ url: 'https://ward.example:8080/api/v1/import/health-auto-export', headers: 'Authorization,Bearer abc-_1', format: 'json', interval: 'hours', batchrequests: 'true' })
  })

  it('warns of an address that no phone can reach', () => {
    expect(['localhost', '127.0.0.1', '[::1]', 'ward.example', '192.168.1.7', '127.example'].map(isOwnMachine)).toEqual([true, true, true, false, false, false])
  })

  it('is judged by its last sync: a day of silence is told', () => {
    const at = Date.parse('2026-07-14T06:00:00Z')
    expect([{}, { lastAt: '2026-07-13T06:00:00Z' }, { lastAt: '2026-07-13T05:59:59Z' }, { lastAt: '2026-07-14T06:00:00Z', revokedAt: '2026-07-14T06:00:00Z' }].map((phone) => phoneState(phone, at))).toEqual(['never', 'sends', 'quiet', 'ended'])
  })
})
