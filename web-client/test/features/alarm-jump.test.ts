import { describe, expect, it } from 'vitest'
import { Refusal } from '../fake-central/refusal.ts'
import { byName, NOW, openApp, type OpenedApp } from '../support/open-app.ts'

const S6 = '00000000-0000-7000-8000-000000002005'
const HOUR = 3_600_000
const iso = (ms: number) => new Date(ms).toISOString()

async function patient(tab: string, options: Parameters<typeof openApp>[0] = {}): Promise<OpenedApp> {
  const opened = await openApp({ path: `/patient/${S6}/${tab}`, ...options })
  await opened.until(() => expect(document.querySelector('.banner')?.textContent).toContain('Born'))
  return opened
}

/** Whether the key was a shortcut. */
function press(key: string, on: Element = document.body): boolean {
  const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true })
  on.dispatchEvent(event)
  return event.defaultPrevented
}

describe('the key T on the page of a patient', () => {
  it('opens the trend at the newest alarm of this patient, open or over, with the cursor there; and leads back to now', async () => {
    const at = NOW - 2 * HOUR
    const { until, router, text } = await patient('live', {
      before: ({ alarms }) => {
        alarms.raise('bed-06', { condition: 'low:spo2', announcedAt: iso(at - HOUR) })
        alarms.clear(alarms.raise('bed-06', { condition: 'high:pr', announcedAt: iso(at) }).id)
        alarms.raise('bed-01', { condition: 'low:spo2', announcedAt: iso(NOW - 1_000) })
      },
    })
    expect(press('t')).toBe(true)
    await until(() => expect(router.currentRoute.value.fullPath).toBe(`/patient/${S6}/trends?range=1h&at=${at}`))
    const slider = () => document.querySelector('.trend-cursor input') as HTMLInputElement
    await until(() => expect(slider()).toBeTruthy())
    expect([slider().min, slider().value, slider().max].map(Number)).toEqual([at - HOUR / 2, at, at + HOUR / 2])
    // What is in force now need not have been then.
    expect(text()).not.toContain('Shaded: between the limits in force now.')
    byName('a', 'Up to now').click()
    await until(() => expect(router.currentRoute.value.fullPath).toBe(`/patient/${S6}/trends?range=1h`))
    await until(() => expect(text()).toContain('Shaded: between the limits in force now.'))
  })

  it('keeps the range that is chosen', async () => {
    const { until, router } = await patient('trends?range=12h', { before: ({ alarms }) => void alarms.raise('bed-06', { condition: 'low:spo2', announcedAt: iso(NOW - HOUR) }) })
    press('t')
    await until(() => expect(router.currentRoute.value.fullPath).toBe(`/patient/${S6}/trends?range=12h&at=${NOW - HOUR}`))
  })

  it('says when there was none, and why it cannot tell', async () => {
    const { until, router, text, central } = await patient('live')
    press('t')
    await until(() => expect(text()).toContain('No alarm of this patient since admission, as of '))
    expect(router.currentRoute.value.path).toBe(`/patient/${S6}/live`)
    central.refusals.set('GET /alarms', new Refusal('DATABASE_AWAY', 'No answer from PostgreSQL'))
    press('t')
    await until(() => expect(text()).toContain('The database is away.'))
    expect(text()).not.toContain('No alarm of this patient')
    await router.push(`/patient/${S6}/limits`)
    await until(() => expect(text()).not.toContain('The database is away.'))
  })

  it('is a letter where somebody types, and is listed with the others', async () => {
    const { until, text } = await patient('history')
    await until(() => expect(text()).toContain('Ask the record'))
    expect(press('t', document.querySelector('.moment input') as Element)).toBe(false)
    press('?')
    await until(() => expect(document.querySelector('[role="dialog"]')?.textContent).toContain('Trend at the newest alarm'))
  })
})
