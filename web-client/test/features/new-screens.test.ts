import { describe, expect, it } from 'vitest'
import { briefing } from '../../src/features/shift/briefing.ts'
import { compare, recall, keep, forget, remembered, usualOf } from '../../src/features/mirror/usual.ts'
import { silentCause } from '../../src/features/devices/silent-cause.ts'
import { comparedSpan } from '../../src/features/history/history-query.ts'
import { Refusal } from '../fake-central/refusal.ts'
import { byName, fill, NOW, openApp } from '../support/open-app.ts'

const S6 = '00000000-0000-7000-8000-000000002005'

describe('the mirror of a patient', () => {
  it('compares with the person’s own week, and not before there is a day of it', () => {
    expect(usualOf([70, 71])).toBeUndefined()
    const usual = usualOf(Array.from({ length: 100 }, (_, i) => 60 + i / 5))
    expect(usual).toEqual({ low: 62, high: 77.8 })
    expect([compare(70, usual, 2), compare(79, usual, 2), compare(81, usual, 2), compare(59, usual, 2), compare(70, undefined, 2)]).toEqual(['usual', 'usual', 'higher', 'lower', 'unknown'])
  })

  it('remembers a week of hourly means of one stay, nothing that names a person, and forgets at the end of the session', () => {
    const kept = new Map<string, string>()
    const storage = { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value), removeItem: (key: string) => void kept.delete(key) }
    const memory = remembered('s1', NOW, { from: '', to: '', resolution: '1h', bucketMs: 1, gaps: [], completeness: { expected: 0, received: 0, missing: 0 }, late: 0, devices: [], series: [{ signal: 'pr', unit: '', display: '', points: [[1, 60, 65, 70]] }] })
    keep(storage, memory)
    expect(recall(storage, 's1', NOW + 1_000)?.hours['pr']).toEqual([[1, 65]])
    expect(recall(storage, 's2', NOW)).toBeUndefined()
    expect(recall(storage, 's1', NOW + 8 * 86_400_000)).toBeUndefined()
    forget(storage)
    expect(kept.size).toBe(0)
  })

  it('says in words whether the nurse sees the readings, and when not', async () => {
    const { until, text, central, clock } = await openApp({ path: `/me?stay=${S6}` })
    await until(() => expect(text()).toMatch(/Your nurse can see these readings/))
    expect(document.querySelector('.alarm-strip')).toBeNull()
    central.frozen = true
    for (let s = 0; s < 12; s++) clock.advance(1_000)
    await until(() => expect(text()).toMatch(/Your nurse can NOT see your readings since \d\d:\d\d\. If you feel unwell, call for help\./))
    expect(document.querySelectorAll('.mirror .vital.is-live')).toHaveLength(0)
  })

  it('shows nothing of anybody when no one is signed in', async () => {
    const { until, text } = await openApp({ path: `/me?stay=${S6}`, user: '' })
    await until(() => expect(text()).toContain('Nobody is signed in on this mirror'))
    expect(document.querySelectorAll('.vital')).toHaveLength(0)
  })
})

describe('why a device is silent', () => {
  const device = { status: 'lost' as const, lastSeen: '2026-07-14T02:00:00.000Z', notices: [], stay: { id: 's' } }
  it('names the cause that must be mended first', () => {
    expect(silentCause(device, 'online')).toBeUndefined()
    expect(silentCause(device, 'lost')).toBe('lost')
    expect(silentCause({ ...device, lastSeen: null }, 'never')).toBe('never')
    expect(silentCause({ ...device, credentials: { revokedAt: 'x' } }, 'lost')).toBe('revoked')
    expect(silentCause({ ...device, retiredAt: 'x' }, 'lost')).toBe('retired')
    expect(silentCause({ status: 'online', lastSeen: device.lastSeen, notices: [] }, 'online')).toBe('unlinked')
  })

  it('stands on its page with what to do', async () => {
    const { until, text } = await openApp({ path: '/devices/ST-0046', before: (c) => c.silence('ST-0046') })
    await until(() => expect(text()).toMatch(/The connection broke without a goodbye: power or network\. Last heard .*Look at the box/))
  })
})

describe('the start of a shift and its end', () => {
  it('has the few lines that matter, heaviest first', async () => {
    const { until, text } = await openApp({ path: '/shift', before: (c) => {
      c.alarms.raise('bed-06', { condition: 'low:spo2', value: 86, worst: 84, limit: 90 })
      c.alarms.audio.set(S6, { mode: 'off' })
      c.silence('ST-0046')
    } })
    await until(() => expect(text()).toContain('Bed 06: 1 high alarm'))
    expect([...document.querySelectorAll('.shift-lines li')].map((li) => li.textContent)).toEqual(['Bed 06: 1 high alarm', 'Bed 06: alarms or sound are switched off', 'Bed 05: ST-0046 is offline'])
    expect(briefing([], [])).toEqual([])
  })

  it('says how many more lines there are than it has room for', async () => {
    const { until, text } = await openApp({ path: '/shift', before: (c) => c.world.wards[0]?.beds.forEach((bed) => bed.stay && void c.alarms.raise(bed.id, { condition: 'low:spo2' })) })
    await until(() => expect(document.querySelectorAll('.shift-lines li')).toHaveLength(8))
    expect(text()).toContain('3 more lines: see the handover sheet')
  })

  it('with past alarms that could not be read does not say that there is nothing to report', async () => {
    const { until, text } = await openApp({ path: '/shift', before: (c) => void c.refusals.set('GET /alarms', new Refusal('DATABASE_AWAY', 'away')) })
    await until(() => expect(text()).toContain('Past alarms could not be read'))
    expect(text()).not.toContain('Nothing to report')
  })

  it('hands over every patient with values, alarms and what is off', async () => {
    const { until, text } = await openApp({ path: '/handover?wards=ward-3', before: (c) => void c.alarms.raise('bed-06', { condition: 'low:spo2', value: 86, worst: 84, limit: 90 }) })
    await until(() => expect(document.querySelectorAll('.handover-bed')).toHaveLength(11))
    await until(() => expect(text()).toMatch(/06 KOWALSKI.*HIGH.*SpO₂ low84 %limit 90/))
  })
})

describe('limits of one patient', () => {
  it('are changed with a reason, and say who, when and why', async () => {
    const { until, text, central } = await openApp({ path: `/patient/${S6}/limits` })
    await until(() => expect(byName('button', 'SpO₂ low: less')).toBeTruthy())
    byName('button', 'SpO₂ low: less').click()
    await until(() => expect(text()).toContain('not saved yet'))
    expect(byName('button', /^Save 1 limit/).getAttribute('aria-disabled')).toBe('true')
    byName('button', 'Doctor’s order').click()
    await until(() => expect(byName('button', /^Save 1 limit/).getAttribute('aria-disabled')).toBe('false'))
    byName('button', /^Save 1 limit/).click()
    await until(() => expect(text()).toMatch(/changed by Alex Admin, Administrator, \d\d:\d\d: Doctor’s order/))
    expect(central.alarms.limitsOf(S6)).toMatchObject({ version: 4 })
  })

  it('say before they are saved what they would have done in the last 24 h, once the number stands still, and after it that they are saved', async () => {
    const { until, text, central, clock } = await openApp({ path: `/patient/${S6}/limits` })
    await until(() => expect(byName('button', 'SpO₂ low: less')).toBeTruthy())
    byName('button', 'SpO₂ low: less').click()
    await until(() => expect(text()).toContain('Trying it out on the last 24 h'))
    byName('button', 'SpO₂ low: less').click()
    await until(() => expect(document.querySelector('.limits-save-due')).toBeTruthy())
    clock.advance(700)
    await until(() => expect(text()).toContain('Alarms of this patient in the last 24 h: 12 with the limits in force, 5 with these. 1 minute more of SpO₂ below 80 or no breathing without an alarm.'))
    expect(central.requests.filter((line) => line === 'POST /alarm-simulations')).toHaveLength(1)
    byName('button', 'Doctor’s order').click()
    await until(() => expect(byName('button', /^Save 1 limit/).getAttribute('aria-disabled')).toBe('false'))
    byName('button', /^Save 1 limit/).click()
    await until(() => expect(text()).toContain('saved at 02:14:07'))
    expect(text()).not.toContain('with the limits in force')
  })

  it('saved by somebody else meanwhile are shown, and the draft stays to be looked at', async () => {
    const { until, text, central } = await openApp({ path: `/patient/${S6}/limits` })
    await until(() => expect(byName('button', 'SpO₂ low: less')).toBeTruthy())
    central.alarms.limits.set(S6, { ...central.alarms.limitsOf(S6), version: 9 })
    byName('button', 'SpO₂ low: less').click()
    byName('button', 'Doctor’s order').click()
    await until(() => expect(byName('button', /^Save 1 limit/).getAttribute('aria-disabled')).toBe('false'))
    byName('button', /^Save 1 limit/).click()
    await until(() => expect(text()).toContain('Someone else changed this while you were looking.'))
    await until(() => expect(central.requests.filter((r) => r === `GET /stays/${S6}/limits`)).toHaveLength(2))
    // The draft is still there, and saved on top of theirs once it has arrived.
    await until(() => expect(byName('button', /^Save 1 limit/).getAttribute('aria-disabled')).toBe('false'))
    byName('button', /^Save 1 limit/).click()
    await until(() => expect(central.alarms.limitsOf(S6).version).toBe(10))
  })

  it('show what is set, not what was typed: beyond what may be, nothing, or nonsense', async () => {
    const { until } = await openApp({ path: `/patient/${S6}/limits` })
    await until(() => expect(byName('.limit-value', 'SpO₂ low')).toBeTruthy())
    const field = byName('.limit-value', 'SpO₂ low') as HTMLInputElement
    const delay = field.closest('li')?.querySelector('.limit-delay') as HTMLInputElement
    const [was, waited] = [field.value, delay.value]
    for (const nothing of ['', 'abc']) {
      for (const [input, value] of [[field, was], [delay, waited]] as const) {
        fill(input, nothing)
        await until(() => expect(input.value).toBe(value))
      }
    }
    // A low SpO2 is held back for 15 s at most; twice, because the second time nothing changes.
    for (const _ of [1, 2]) {
      fill(delay, '60')
      await until(() => expect(delay.value).toBe('15'))
      fill(field, '200')
      await until(() => expect(field.value).toBe('99'))
    }
  })

  it('tried out show no figures of other limits than those set now', async () => {
    const { until } = await openApp({ path: `/patient/${S6}/limits` })
    await until(() => expect(byName('button', 'SpO₂ low: less')).toBeTruthy())
    const figures = () => document.querySelector('.limits-side .table')
    byName('button', 'Try out').click()
    await until(() => expect(figures()).not.toBeNull())
    byName('button', 'SpO₂ low: less').click()
    await until(() => expect(figures()).toBeNull())
  })

  it('take observations typed in by hand for NEWS2', async () => {
    const { until, text, central } = await openApp({ path: `/patient/${S6}/limits?observe=1` })
    await until(() => expect(document.querySelector('.observe')).toBeTruthy())
    fill(document.querySelector('.observe select') as HTMLElement, 'A')
    await until(() => expect(byName('button', 'Save observation').getAttribute('aria-disabled')).toBe('false'))
    byName('button', 'Save observation').click()
    await until(() => expect(central.alarms.observations[0]?.values).toEqual({ consciousness: 'A' }))
    await until(() => expect(text()).toContain('consciousness: A · alert'))
  })
})

describe('history beside history', () => {
  it('compares with the same span a day or a week earlier, or with another patient', () => {
    const span = { from: 1_000, to: 2_000 }
    expect(comparedSpan('day', span)).toEqual({ from: 1_000 - 86_400_000, to: 2_000 - 86_400_000 })
    expect(comparedSpan('s2', span)).toEqual({ stay: 's2', ...span })
    expect(comparedSpan(undefined, span)).toBeUndefined()
  })
})

describe('who may not', () => {
  it('is told so on the pages of people and of the audit', async () => {
    const { until, text, router } = await openApp({ path: '/audit', user: 'nurse' })
    await until(() => expect(text()).toContain('Your role may not read the audit'))
    await router.push('/people')
    await until(() => expect(text()).toContain('Your role may not see who has access'))
  })
})
