import { describe, expect, it } from 'vitest'
import { Refusal } from '../fake-central/refusal.ts'
import { needsMore, readMoment, spanAround } from '../../src/features/patient/replay/replay-window.ts'
import { twinRows } from '../../src/features/patient/replay/trace-twin.ts'
import { recordedWave } from '../../src/live/recorded-wave.ts'
import { drawTrace } from '../../src/ui/wave/trace.ts'
import { byName, NOW, openApp, type OpenedApp } from '../support/open-app.ts'

const S6 = '00000000-0000-7000-8000-000000002005'
const MINUTE = 60_000
const AT = NOW - 10 * MINUTE
const iso = (ms: number) => new Date(ms).toISOString()
const frame = () => (document.querySelector('.replay')?.textContent ?? '').replace(/\s+/g, ' ')
const press = (key: string) => document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }))

async function replay(query = `?at=${AT}`, options: Parameters<typeof openApp>[0] = {}): Promise<OpenedApp> {
  const opened = await openApp({ path: `/patient/${S6}/replay${query}`, ...options })
  await opened.until(() => expect(document.querySelector('.replay canvas, .replay .failure, .replay .state')).toBeTruthy())
  return opened
}

describe('the replay of traces', () => {
  it('says in words that it is not live and of when it is; what is of now stands outside the frame and says so', async () => {
    const { text, until } = await replay()
    expect(frame()).toMatch(/NOT LIVE \d\d:04:07/)
    expect(frame()).toContain('Recorded 14-Jul-2026')
    expect(document.querySelector('.replay .is-live, .replay .is-late')).toBeNull()
    await until(() => expect(document.querySelector('.strip-vitals')?.textContent).toContain('Values now'))
    expect(document.querySelector('.replay .strip-vitals')).toBeNull()
    expect(text()).toContain('Back to live')
  })

  it('shows the numbers that were recorded at that moment, and no others', async () => {
    const { until, router } = await replay()
    await until(() => expect(frame()).toMatch(/Recorded at that moment.*SpO₂ ?\d\d ?%/))
    // In the hole of the record there is none.
    const gap = Math.round(spanAround(AT, NOW).fromMs + 300_000 * 0.57)
    await router.push(`/patient/${S6}/replay?at=${gap}`)
    await until(() => expect(frame()).toContain('nothing recorded then'))
  })

  it('steps, and goes where an address leads; each moment is an address', async () => {
    const { until, router } = await replay()
    byName('button', 'Back 10 s').click()
    await until(() => expect(router.currentRoute.value.fullPath).toBe(`/patient/${S6}/replay?at=${AT - 10_000}`))
    expect(frame()).toMatch(/NOT LIVE \d\d:03:57/)
    press('.')
    await until(() => expect(router.currentRoute.value.fullPath).toBe(`/patient/${S6}/replay?at=${AT - 9_000}`))
    await router.push(`/patient/${S6}/replay?at=${AT + 30_000}`)
    await until(() => expect(frame()).toMatch(/NOT LIVE \d\d:04:37/))
  })

  it('runs and stands still at a press or a key, and the address says which', async () => {
    const { until, router } = await replay()
    byName('button', 'Run').click()
    await until(() => expect(router.currentRoute.value.query['play']).toBe('1'))
    await until(() => expect(Number(router.currentRoute.value.query['at'])).toBeGreaterThanOrEqual(AT))
    press('k')
    await until(() => expect(router.currentRoute.value.query['play']).toBeUndefined())
    expect(byName('button', 'Run')).toBeTruthy()
  })

  it('states how much of the record there is and where it has holes, and tells the picture in numbers', async () => {
    const { until } = await replay()
    expect(frame()).toMatch(/Pleth: \d+ min of \d+ min recorded · every sample as measured ?1 gap/)
    const twin = [...document.querySelectorAll<HTMLDetailsElement>('.replay details')].find((one) => one.textContent?.includes('Traces in numbers')) as HTMLDetailsElement
    twin.open = true
    twin.dispatchEvent(new Event('toggle'))
    await until(() => expect(twin.querySelectorAll('tbody tr')).toHaveLength(30))
    expect(twin.textContent).toMatch(/cmH₂O, lowest to highest.*\d+\.\d to \d+\.\d/)
  })

  it('says when they cannot be had', async () => {
    const { central, router, until } = await replay()
    central.refusals.set(`GET /stays/${S6}/waveforms`, new Refusal('DATABASE_AWAY', 'No answer from PostgreSQL'))
    await router.push(`/patient/${S6}/replay?at=${AT - 30 * MINUTE}`)
    await until(() => expect(frame()).toContain('The database is away.'))
    // Nothing of the moment before stands under the new time.
    expect(document.querySelector('.replay canvas')).toBeNull()
  })

  it('is opened from the life of an alarm, from the cursor of a trend, and by T from another moment of the replay', async () => {
    let alarm = ''
    const { router, until } = await replay(`?at=${AT}`, { before: ({ alarms }) => void (alarm = alarms.raise('bed-06', { condition: 'low:spo2', announcedAt: iso(AT - MINUTE) }).id) })
    press('t')
    await until(() => expect(router.currentRoute.value.fullPath).toBe(`/patient/${S6}/replay?at=${AT - MINUTE}`))
    await router.push(`/alarms/${alarm}`)
    await until(() => expect(byName('a', /^Traces of/).getAttribute('href')).toBe(`/patient/${S6}/replay?at=${AT - MINUTE}`))
    await router.push(`/patient/${S6}/trends?range=1h&at=${AT}`)
    await until(() => expect(byName('a', /^Traces of/).getAttribute('href')).toBe(`/patient/${S6}/replay?at=${AT}`))
  })
})

describe('a recorded trace', () => {
  const waves = (runs: Parameters<typeof recordedWave>[0]['runs'], channel: 'paw' | 'pleth_ir' = 'paw') => recordedWave({ channel, runs })

  it('is broken where samples are missing, between runs and within', () => {
    const source = waves([{ device: 'd', t: 0, stepMs: 100, values: [1, 2, null, null, 3, 4] }, { device: 'd', t: 2_000, stepMs: 100, values: [5, 6] }])
    const lines: number[] = []
    drawTrace(source, { widthPx: 1_000, heightPx: 100, windowMs: 10_000, playheadMs: 5_000, low: 0, high: 10 }, { move: () => lines.push(1), line: () => lines.push(lines.pop() as number + 1) })
    expect(lines).toEqual([2, 2, 2])
  })

  it('of minimum and maximum keeps both of each step', () => {
    expect(twinRows([waves([{ device: 'd', t: 0, stepMs: 1_000, min: [1, -4], max: [9, 30] }])], 1_000, 2)).toEqual([
      { tMs: 1_000, extents: [{ low: -4, high: 30 }] },
      { tMs: 0, extents: [{ low: 1, high: 9 }] },
    ])
  })

  it('of pleth rests on no baseline, as the live one', () => {
    const source = waves([{ device: 'd', t: 0, stepMs: 40, values: Array.from({ length: 100 }, () => 50_000) }], 'pleth_ir')
    expect([...(source.runs[0]?.values ?? [])].every((value) => value === 0)).toBe(true)
  })
})

describe('the window of a replay', () => {
  it('is the same for all moments of a minute, and never reaches beyond now', () => {
    expect(spanAround(10 * MINUTE + 59_000, 60 * MINUTE)).toEqual({ fromMs: 7 * MINUTE, toMs: 12 * MINUTE })
    expect(spanAround(10 * MINUTE, 11 * MINUTE).toMs).toBe(11 * MINUTE)
    expect(needsMore(10 * MINUTE + 30_000, spanAround(10 * MINUTE, 60 * MINUTE), 60 * MINUTE)).toBe(false)
    expect(needsMore(11 * MINUTE, spanAround(10 * MINUTE, 60 * MINUTE), 60 * MINUTE)).toBe(true)
    // It ran into the end of what had come in; more has come since.
    expect(needsMore(10 * MINUTE + 58_000, spanAround(10 * MINUTE, 11 * MINUTE), 11 * MINUTE + 30_000)).toBe(true)
  })

  it('of an address that is no moment begins a minute before the end; one outside the stay is moved into it', () => {
    const bounds = { fromMs: 1_000_000, toMs: 2_000_000 }
    expect([undefined, 'soon', '', ['1']].map((value) => readMoment(value, bounds))).toEqual([1_940_000, 1_940_000, 1_940_000, 1_940_000])
    expect(['5', '99999999', '1500000'].map((value) => readMoment(value, bounds))).toEqual([1_000_000, 2_000_000, 1_500_000])
  })
})
