import { describe, expect, it } from 'vitest'
import { Refusal } from '../fake-central/refusal.ts'
import { byName, openApp, type OpenedApp } from '../support/open-app.ts'

const S6 = '00000000-0000-7000-8000-000000002005'
const strip = () => document.querySelector('.alarm-strip')?.textContent?.replace(/\s+/g, ' ') ?? ''
const tile = (cell: number) => document.querySelector<HTMLElement>(`[data-cell="${cell}"]`)
const press = (key: string) => document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }))
const spo2 = { condition: 'low:spo2', value: 86, worst: 84, limit: 90 } as const

async function ward(options: Parameters<typeof openApp>[0] = {}): Promise<OpenedApp> {
  const opened = await openApp({ path: '/ward/ward-3', ...options })
  await opened.until(() => expect(tile(5)?.textContent).toContain('KOWALSKI'))
  await opened.until(() => expect(opened.text()).toContain('Sound: off: tap'))
  return opened
}

describe('alarms on every screen', () => {
  it('come with shape, word, marks and colour, on the strip and on the tile, and flash until answered', async () => {
    const { until, central } = await ward()
    central.alarms.raise('bed-06', spo2)
    await until(() => expect(strip()).toMatch(/!!!.*HIGH.*06.*KOWALSKI.*SpO₂ low.*84/))
    expect(tile(5)?.textContent).toMatch(/!!!.*HIGH.*SpO₂ low.*84/)
    expect(tile(5)?.className).toContain('tile-calls')
    expect(document.querySelectorAll('.alarm-flashing')).toHaveLength(2)
    expect(document.querySelector('[role="alert"].sr-only')?.textContent).toContain('New high alarm, bed 06')
  })
})

it('one alarm that stands for many beds says for how many', async () => {
  const { until, central } = await ward()
  central.alarms.raise('bed-06', { condition: 'link_lost', kind: 'technical', value: 14, worst: 14 })
  await until(() => expect(strip()).toMatch(/Link lost for many beds ?14 beds/))
})

describe('answering an alarm', () => {
  it('takes one key from a page that has nothing to do with it', async () => {
    const { until, central, router } = await ward()
    const { id } = central.alarms.raise('bed-06', spo2)
    await until(() => expect(strip()).toContain('KOWALSKI'))
    await router.push('/history')
    await until(() => expect(strip()).toContain('KOWALSKI'))
    press('a')
    await until(() => expect(central.alarms.open.get(id)?.acknowledgedBy).toBe('Alex Admin'))
    await until(() => expect(strip()).toContain('owned by Alex Admin'))
    expect(document.querySelectorAll('.alarm-flashing')).toHaveLength(0)
  })

  it('is refused with the new value when it got worse while somebody looked, and can then be answered', async () => {
    const { until, central, text, services } = await ward()
    const { id } = central.alarms.raise('bed-06', spo2)
    await until(() => expect(strip()).toContain('84'))
    // The frame about the worse value is still on its way when the nurse presses.
    const before = services.live.alarms.open.value[0] as NonNullable<(typeof services.live.alarms.open.value)[0]>
    central.alarms.open.set(id, { ...before, worst: 79, version: 2 })
    byName('button', /^Acknowledge/).click()
    await until(() => expect(text()).toContain('It got worse while you were looking: 79'))
    central.alarms.worsen(id, 78)
    await until(() => expect(strip()).toContain('78'))
    byName('button', /^Acknowledge/).click()
    await until(() => expect(strip()).toContain('owned by Alex Admin'))
  })

  it('leaves the button there for who may not, with the reason', async () => {
    const { until, central } = await ward({ user: 'viewer' })
    central.alarms.raise('bed-06', spo2)
    await until(() => expect(byName('button', /^Acknowledge/).getAttribute('aria-disabled')).toBe('true'))
    expect(byName('button', /^Acknowledge/).title).toBe('Your role may not acknowledge alarms')
    press('a')
    expect(central.requests.some((r) => r.includes('acknowledgement'))).toBe(false)
  })

  it('with a key says when the pause of the sound did not happen, and tries again by a press', async () => {
    const { until, central, text } = await ward()
    central.alarms.raise('bed-06', spo2)
    await until(() => expect(strip()).toContain('KOWALSKI'))
    central.refusals.set(`PUT /stays/${S6}/audio`, new Refusal('DATABASE_AWAY', 'away'))
    press('p')
    await until(() => expect(document.querySelector('.failure')?.textContent).toContain('Try again'))
    central.refusals.clear()
    byName('button', 'Try again').click()
    await until(() => expect(text()).toMatch(/Sound paused/i))
    await until(() => expect(document.querySelector('.failure')).toBeNull())
  })

  it('opens the alarm again for everybody when it becomes worse', async () => {
    const { until, central } = await ward()
    const { id } = central.alarms.raise('bed-06', spo2)
    await until(() => expect(strip()).toContain('KOWALSKI'))
    press('a')
    await until(() => expect(strip()).toContain('owned'))
    central.alarms.worsen(id, 77)
    await until(() => expect(strip()).toMatch(/77.*unanswered/))
    central.alarms.clear(id)
    await until(() => expect(strip()).toBe(''))
  })
})

describe('what is paused, off or changed', () => {
  it('stands in words on tile and page, with its end counting down', async () => {
    const { until, central, clock, router, text } = await ward()
    await router.push(`/patient/${S6}/live`)
    await until(() => expect(byName('button', 'Pause sound 2 min')).toBeTruthy())
    byName('button', 'Pause sound 2 min').click()
    await until(() => expect(text()).toContain('Sound paused 2:00'))
    clock.advance(48_000)
    central.heartbeat()
    await until(() => expect(text()).toContain('Sound paused 1:12'))
    await router.push('/ward/ward-3')
    await until(() => expect(tile(5)?.textContent).toMatch(/Sound paused 1:\d\d.*Alex Admin/))
    clock.advance(73_000)
    await until(() => expect(tile(5)?.textContent).not.toContain('Sound paused'))
  })

  it('names an alarm that is off, with who, why and until when on the page of the patient', async () => {
    const { until, central, router, text } = await ward()
    const limits = central.alarms.limitsOf(S6)
    central.alarms.limits.set(S6, { ...limits, off: [{ condition: 'low:spo2', by: 'Dr Roy', role: 'clinician', at: central.alarms.iso(), reason: 'During a procedure', until: central.alarms.iso(3_600_000) }] })
    central.tellStay(S6)
    await until(() => expect(tile(5)?.textContent).toMatch(/SpO₂ low alarm OFF.*still 1:00:00/))
    await router.push(`/patient/${S6}/live`)
    await until(() => expect(text()).toMatch(/SpO₂ low alarm OFF.*During a procedure.*Dr Roy, Clinician/))
  })
})

it('a score of which nothing is known is none; one with something missing is a lower bound', async () => {
  const { until, central } = await ward()
  central.alarms.setNews2(S6, { score: 0, complete: false, known: 0, missing: ['respRate', 'spo2', 'oxygen', 'sys', 'pulse', 'consciousness', 'temp'] })
  await until(() => expect(tile(5)?.querySelector('.news2-score')?.textContent).toBe('--'))
  central.alarms.setNews2(S6, { score: 2, complete: false, known: 4, missing: ['oxygen', 'sys', 'consciousness'] })
  await until(() => expect(tile(5)?.querySelector('.news2-score')?.textContent).toBe('≥2'))
})

describe('alarms that are not watched', () => {
  it('are said in red where the eye is, not left to an empty list', async () => {
    const { until, central, text, router } = await ward()
    expect(text()).not.toContain('NOT watched')
    central.alarms.engine = 'away'
    central.tell({ type: 'alarm_watch', watch: central.alarms.watch() })
    await until(() => expect(document.querySelector('.bar-alarms[role="alert"]')?.textContent).toContain('Alarms are NOT watched'))
    await router.push('/alarms')
    await until(() => expect(document.querySelector('.alarms-away')).toBeTruthy())
    expect(text()).not.toContain('No alarms')
  })

  it('an empty list proves that it is watched', async () => {
    const { until, text, router } = await ward()
    await router.push('/alarms')
    await until(() => expect(text()).toMatch(/No alarms.*Alarms of 11 patients are watched, checked 02:14:07/))
  })
})

it('the proof of an empty list tells of how many patients nothing is heard', async () => {
  const { until, central, text, router } = await ward()
  central.alarms.heard = 9
  await router.push('/alarms')
  await until(() => expect(text()).toMatch(/9 of 11 patients send values; alarms of all 11 are watched, checked 02:14:07/))
})

it('what is over does not go on counting, however late it is seen', async () => {
  const { until, central, clock } = await ward()
  central.alarms.raise('bed-06', { ...spo2, state: 'latched', endedAt: central.alarms.iso(33_000) })
  await until(() => expect(strip()).toMatch(/0:33.*over, unseen/))
  clock.advance(90_000)
  central.tick()
  await until(() => expect(strip()).toMatch(/0:33.*over, unseen/))
})

describe('the sound', () => {
  it('is off in red until a person has heard the test; then alarms are heard and the server knows', async () => {
    const opened = await ward()
    const { until, central, clock, sound, text } = opened
    central.alarms.raise('bed-06', spo2)
    await until(() => expect(strip()).toContain('KOWALSKI'))
    clock.advance(1_000)
    expect(sound.played).toBe(0)
    byName('button', 'Sound: off: tap').click()
    await until(() => expect(text()).toContain('Can you hear the alarm sound?'))
    expect(central.alarms.armed).toBeUndefined()
    byName('button', 'Yes, I heard it').click()
    await until(() => expect(central.alarms.armed?.wards).toEqual(['ward-3']))
    await until(() => expect(text()).toContain('Sound on'))
    clock.advance(500)
    await until(() => expect(sound.bursts).toEqual([3, 10]))
    sound.allowed = false
    clock.advance(3_000)
    await until(() => expect(central.alarms.armed?.audible).toBe(false))
    await until(() => expect(text()).toContain('Sound lost: tap'))
  })

  it('stays off when the browser blocks it or nobody hears it', async () => {
    const { until, sound, central, text } = await ward()
    sound.blocked = true
    byName('button', 'Sound: off: tap').click()
    await until(() => expect(text()).toContain('The browser did not play it.'))
    expect(document.body.textContent).not.toContain('Yes, I heard it')
    byName('button', 'I do not hear it').click()
    await until(() => expect(byName('button', 'Sound: off: tap')).toBeTruthy())
    expect(central.alarms.armed).toBeUndefined()
  })
})

describe('a new high alarm', () => {
  it('enlarges its tile in its place for ten seconds; no other tile moves', async () => {
    const { until, central, clock } = await ward()
    central.alarms.raise('bed-06', spo2)
    await until(() => expect(tile(5)?.className).toContain('tile-spotlight'))
    expect(document.querySelectorAll('.tile-spotlight')).toHaveLength(1)
    clock.advance(10_000)
    await until(() => expect(document.querySelectorAll('.tile-spotlight')).toHaveLength(0))
  })
})
