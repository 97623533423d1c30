import { describe, expect, it, onTestFinished, vi } from 'vitest'
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

describe('reading the mirror aloud', () => {
  class Said extends EventTarget {
    lang = ''
    readonly text: string
    constructor(text: string) {
      super()
      this.text = text
    }
  }
  /** A browser with a voice, or without. */
  function voices(n: number): Said[] {
    const said: Said[] = []
    const speech = Object.assign(new EventTarget(), { getVoices: () => Array.from({ length: n }, () => ({})), speak: (one: Said) => void said.push(one), cancel: () => undefined })
    vi.stubGlobal('speechSynthesis', speech)
    vi.stubGlobal('SpeechSynthesisUtterance', Said)
    onTestFinished(() => void vi.unstubAllGlobals())
    return said
  }

  it('says what stands there at a press, in the language of the page, and whether the nurse can see it', async () => {
    const said = voices(1)
    const { until } = await openApp({ path: `/me?stay=${S6}` })
    await until(() => expect(document.querySelector('.mirror-seen')?.textContent).toContain('Your nurse can see these readings'))
    byName('button', 'Read aloud').click()
    await until(() => expect(byName('button', 'Stop reading')).toBeTruthy())
    expect(said[0]?.lang).toBe('en')
    expect(said[0]?.text).toMatch(/^Heart: [a-z ]+, \d+\. Oxygen: [a-z ]+, \d+\. .*Your nurse can see these readings \(last sent \d\d:\d\d\)\.$/)
    said[0]?.dispatchEvent(new Event('end'))
    await until(() => expect(byName('button', 'Read aloud')).toBeTruthy())
  })

  it('is not offered by a browser without a voice, and says so', async () => {
    const said = voices(0)
    const { until, text } = await openApp({ path: `/me?stay=${S6}` })
    await until(() => expect(byName('button', 'Read aloud').getAttribute('aria-disabled')).toBe('true'))
    expect(text()).toContain('This browser has no voice.')
    byName('button', 'Read aloud').click()
    expect(said).toEqual([])
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
