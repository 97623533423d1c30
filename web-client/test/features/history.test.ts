import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addressOf, faultOf, quickRange, readQuestion, readTime } from '../../src/features/history/history-query.ts'
import { rangeMs, readAt, readRange, refreshEveryMs, trendRanges, windowOf } from '../../src/features/trends/trend-range.ts'
import { datasetsOf } from '../../src/ui/chart/chart-config.ts'
import { type ChartOverlay, limitsPlugin } from '../../src/ui/chart/chart-plugins.ts'
import { bandsOf } from '../../src/ui/chart/limit-bands.ts'
import { panelsOf } from '../../src/ui/chart/panels.ts'
import { stepMeans } from '../../src/ui/chart/step-means.ts'
import { linesOf, outsideScale, recordedAt, summarise, tableRows } from '../../src/ui/chart/series.ts'
import { unmeasured } from '../../src/ui/chart/unmeasured.ts'
import { timeTicks } from '../../src/ui/chart/time-ticks.ts'
import { byName, fill, NOW, openApp } from '../support/open-app.ts'

const minute = 60_000
const S6 = '00000000-0000-7000-8000-000000002005'

describe('the question in the address', () => {
  it('is read back as it was asked, every part of it', () => {
    const question = { stay: 's1', device: undefined, signals: ['pr', 'spo2'], fromMs: NOW - 3_600_000, toMs: NOW, view: 'table' as const }
    expect(readQuestion({ ...addressOf(question) } as Record<string, string>)).toEqual(question)
  })

  it('takes ISO times and milliseconds, and nothing else', () => {
    expect([readTime('2026-07-14T02:14:07Z'), readTime('0'), readTime('soon'), readTime(undefined)]).toEqual([NOW, 0, undefined, undefined])
  })

  it('is refused with a reason before the server is asked', () => {
    const good = { stay: 's', device: undefined, signals: [], fromMs: 1, toMs: 2, view: 'chart' as const }
    expect([faultOf(good), faultOf({ ...good, stay: undefined }), faultOf({ ...good, fromMs: undefined }), faultOf({ ...good, toMs: undefined }), faultOf({ ...good, toMs: 1 }), faultOf({ ...good, toMs: 1e12 })]).toEqual([undefined, 'noSubject', 'noFrom', 'noTo', 'reversed', 'tooLong'])
  })

  it('knows last night: from ten to six, the night that ended last', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 86_399 }), (second) => {
      const now = new Date(2026, 6, 14).getTime() + second * 1_000
      const { fromMs, toMs } = quickRange('night', now)
      expect([new Date(fromMs).getHours(), new Date(toMs).getHours()]).toEqual([22, 6])
      expect(toMs).toBeLessThanOrEqual(now)
      expect(now - toMs).toBeLessThan(86_400_000)
    }), { seed: 5 })
  })

  it('offers the ranges of a trend, four hours when nothing sensible is asked', () => {
    expect(trendRanges.map(rangeMs)).toEqual([1, 4, 12, 24, 72, 168].map((h) => h * 3_600_000))
    expect([readRange('24h'), readRange('5y'), readRange(['1h'])]).toEqual(['24h', '4h', '4h'])
    expect(refreshEveryMs('1h')).toBe(10_000)
  })

  it('goes up to now, or around a moment as far as the time after it has passed', () => {
    const [hour, half] = [60 * minute, 30 * minute]
    expect(windowOf('1h', undefined, NOW)).toEqual({ fromMs: NOW - hour, toMs: NOW })
    expect(windowOf('1h', NOW - 5 * hour, NOW)).toEqual({ fromMs: NOW - 5 * hour - half, toMs: NOW - 5 * hour + half })
    expect(windowOf('1h', NOW - minute, NOW)).toEqual({ fromMs: NOW - hour, toMs: NOW })
    expect([readAt(String(NOW)), readAt('soon'), readAt('-1'), readAt(['1']), readAt(undefined)]).toEqual([NOW, undefined, undefined, undefined, undefined])
  })
})

describe('a chart', () => {
  const points = [[0, 1, 2, 3], [minute, 2, 3, 4], [5 * minute, 3, 4, 9]]

  it('never joins a line over a gap', () => {
    const { mean } = linesOf(points, minute)
    expect(mean.map((p) => p.y)).toEqual([2, 3, Number.NaN, 4])
  })

  it('is in small one mean a step, with holes where nothing was recorded', () => {
    const asked = { from: new Date(0).toISOString(), to: new Date(6 * minute).toISOString(), bucketMs: minute }
    expect(stepMeans({ ...asked, resolution: '1m' }, points, 2 * minute)).toEqual([2, 3, null, null, null, 4])
    // Single samples are taken together; a range that begins inside a step has the rest of it.
    expect(stepMeans({ ...asked, from: new Date(minute).toISOString(), bucketMs: 1_000, resolution: 'raw' }, [[minute, 70], [minute + 1_000, 80], [5 * minute, 60]], 2 * minute)).toEqual([75, null, 60])
  })

  it('puts the band under the mean, and has none for single samples', () => {
    const look = { label: 'PR', colour: 'c', bandColour: 'b', dash: [] }
    expect(datasetsOf([{ ...look, lines: linesOf(points, minute) }]).map((d) => [d.label, d.fill])).toEqual([['PR', false], ['PR min', false], ['PR max', '-1']])
    expect(datasetsOf([{ ...look, lines: linesOf([[0, 1], [1_000, 2]], 1_000) }])).toHaveLength(1)
  })

  it('says the value at the cursor, or that nothing was recorded then', () => {
    expect(recordedAt(points, minute + 20_000, minute)).toEqual({ t: minute, min: 2, mean: 3, max: 4 })
    expect(recordedAt(points, 3 * minute, minute)).toBeUndefined()
    expect(recordedAt([], 0, minute)).toBeUndefined()
  })

  it('finds the lowest and highest with their times, from the band and not the mean', () => {
    expect(summarise(points)).toEqual({ low: { v: 1, t: 0 }, high: { v: 9, t: 5 * minute } })
    expect(summarise([])).toBeUndefined()
  })

  it('tells the holes of one signal that are none in the telemetry, and those of everything not twice', () => {
    const at = (...minutes: number[]) => minutes.map((m) => [m * minute, 97, 97, 97])
    const series = (spo2: number[][]) => [{ signal: 'pr', unit: '/min', display: 'PR', points: at(0, 1, 2, 3, 4, 5, 9, 10) }, { signal: 'spo2', unit: '%', display: 'SpO2', points: spo2 }]
    const gaps: [number, number][] = [[6 * minute, 9 * minute]]
    expect(unmeasured({ series: series(at(0, 1, 4, 5, 9, 10)), gaps, bucketMs: minute }, 'spo2')).toEqual({ times: 1, ms: 2 * minute })
    expect(unmeasured({ series: series(at(0, 1, 2, 3, 4, 5, 9, 10)), gaps, bucketMs: minute }, 'spo2')).toBeUndefined()
    expect(unmeasured({ series: series(at(3, 4, 5, 9)), gaps, bucketMs: minute }, 'spo2')?.ms).toBe(3 * minute)
    expect(unmeasured({ series: [{ signal: 'sys', unit: 'mmHg', display: 'NIBP', points: at(0, 30) }], gaps: [], bucketMs: minute }, 'sys')).toBeUndefined()
  })

  it('counts what its fixed scale cannot show', () => {
    expect(outsideScale(points, 0, 8)).toBe(1)
    expect(outsideScale(points, 2, 9)).toBe(1)
  })

  it('keeps one scale per kind of signal, in the order of the ward', () => {
    expect(panelsOf(['peep', 'tskin', 'pr', 'spo2', 'pip', 'rr', 'hr', 'sys', 'batt']).map(({ key, signals, low, high }) => [key, signals.join(), low, high])).toEqual([
      ['heart', 'hr,pr', 30, 180], ['oxygen', 'spo2', 70, 100], ['breath', 'rr', 0, 50], ['temperature', 'tskin', 34, 41], ['blood-pressure', 'sys', 20, 240], ['pressure', 'pip,peep', -10, 40], ['batt', 'batt', 0, 100],
    ])
  })

  it('puts times on whole hours and days of this place, never more than fit', () => {
    fc.assert(fc.property(fc.integer({ min: minute, max: 400 * 86_400_000 }), fc.integer({ min: 2, max: 20 }), (span, most) => {
      const ticks = timeTicks(NOW, NOW + span, most)
      expect(ticks.length).toBeLessThanOrEqual(most + 1)
      for (const tick of ticks) expect(tick % minute).toBe(0)
    }), { seed: 11 })
    expect(timeTicks(NOW, NOW + 4 * 3_600_000, 10).every((t) => new Date(t).getMinutes() % 30 === 0)).toBe(true)
  })

  it('has a table with the same values, a row for every time', () => {
    const rows = tableRows({ from: '', to: '', resolution: 'raw', bucketMs: 1_000, gaps: [], completeness: { expected: 0, received: 0, missing: 0 }, late: 0, devices: [], series: [{ signal: 'pr', unit: '', display: '', points: [[1, 70], [2, 71]] }, { signal: 'rr', unit: '', display: '', points: [[2, 14]] }] })
    expect(rows.map((r) => [r.t, ...r.values.map((v) => v?.mean)])).toEqual([[1, 70, undefined], [2, 71, 14]])
  })
})

describe('the history page', () => {
  it('asks nothing before it is asked', async () => {
    const { text, central, until } = await openApp({ path: '/history' })
    await until(() => expect(text()).toContain('Ask the record'))
    expect(central.requests.filter((r) => r.includes('/history'))).toEqual([])
  })

  it('states resolution, completeness, late data and gaps beside the answer', async () => {
    const { text, until } = await openApp({ path: `/history?stay=${S6}&from=${NOW - 8 * 3_600_000}&to=${NOW}` })
    await until(() => expect(text()).toContain('1-minute mean with minimum and maximum'))
    expect(text()).toMatch(/96 % of the expected samples \(27,648 of 28,800\)/)
    expect(text()).toContain('312 samples arrived late')
    expect(text()).toContain('1 gap, 19 min in all')
  })

  it('puts the whole question into the address and reads it from there', async () => {
    const { router, until, text } = await openApp({ path: `/patient/${S6}/history` })
    await until(() => expect(text()).toContain('Ask the record'))
    byName('button', 'Last 8 h').click()
    await until(() => expect(text()).toContain('1-minute mean'))
    expect(router.currentRoute.value.fullPath).toBe(`/patient/${S6}/history?from=${encodeURIComponent(new Date(NOW - 8 * 3_600_000).toISOString())}&to=${encodeURIComponent(new Date(NOW).toISOString())}`)
    byName('button', 'Table').click()
    await until(() => expect(document.querySelectorAll('.record tbody tr').length).toBeGreaterThan(100))
    expect(router.currentRoute.value.query['view']).toBe('table')
    expect(byName('a', 'CSV').getAttribute('href')).toBe(`/api/v1/stays/${S6}/history.csv?from=${NOW - 8 * 3_600_000}&to=${NOW}&points=1500`)
  })

  it('says what is wrong with a range, in words', async () => {
    const { text, until, central } = await openApp({ path: `/history?stay=${S6}&from=${NOW}&to=${NOW - 1}` })
    await until(() => expect(text()).toContain('The end is not after the start: swap them.'))
    expect(central.requests.filter((r) => r.includes('/history'))).toEqual([])
  })

  it('marks a time that cannot be read where it is typed', async () => {
    const { until, text } = await openApp({ path: '/history' })
    await until(() => expect(text()).toContain('Ask the record'))
    const from = byName('.moment label', 'From')
    const input = document.getElementById(from.getAttribute('for') ?? '') as HTMLInputElement
    fill(input, '14/07/2026')
    await until(() => expect(input.getAttribute('aria-invalid')).toBe('true'))
    expect(text()).toContain('Write it as 14-Jul-2026 02:14')
  })

  it('says so when the database is away, and can be tried again', async () => {
    const { Refusal } = await import('../fake-central/refusal.ts')
    const { text, until, central } = await openApp({ path: `/history?stay=${S6}&from=${NOW - 60_000}&to=${NOW}`, before: (c) => void c.refusals.set(`GET /stays/${S6}/history`, new Refusal('DATABASE_AWAY', 'No answer from PostgreSQL')) })
    await until(() => expect(text()).toContain('The database is away. Live values go on'))
    central.refusals.clear()
    byName('button', 'Try again').click()
    await until(() => expect(text()).toContain('Every sample'))
  })

  it('lets a person who may not export see the data, and says why there is no file', async () => {
    const { text, until } = await openApp({ path: `/history?stay=${S6}&from=${NOW - 60_000}&to=${NOW}`, user: 'viewer' })
    await until(() => expect(text()).toContain('Your role may not export data'))
  })
})

describe('the trends of a patient', () => {
  it('shades what lies between the limits in force, never those not watched', async () => {
    expect(bandsOf([{ condition: 'low:spo2', unit: '%', range: [50, 100], inForce: { value: 88, delayS: 10, priority: 'high' }, profile: null }, { condition: 'high:spo2', unit: '%', range: [50, 100], inForce: null, profile: null }, { condition: 'desat:spo2', unit: '%', range: [50, 100], inForce: { value: 80, delayS: 3, priority: 'high' }, profile: null }])).toEqual({ spo2: { low: 88 } })
    const filled: number[][] = []
    const ctx = { save: () => undefined, restore: () => undefined, fillRect: (...of: number[]) => filled.push(of) }
    const chart = { ctx, chartArea: { top: 0, bottom: 100, left: 10, right: 60 }, scales: { y: { getPixelForValue: (v: number) => 100 - v } } }
    const overlay = { limits: () => [{ low: 20, high: 130 }], hatchColour: () => 'grey' } as unknown as ChartOverlay
    ;(limitsPlugin(overlay).beforeDatasetsDraw as unknown as (chart: unknown) => void)(chart)
    expect(filled).toEqual([[10, 0, 50, 80]])
    const { until, text } = await openApp({ path: `/patient/${S6}/trends` })
    await until(() => expect(text()).toContain('Shaded: between the limits in force now.'))
  })

  it('asks for the range in the address and renews by itself', async () => {
    const { until, text, central, clock } = await openApp({ path: `/patient/${S6}/trends?range=24h` })
    await until(() => expect(text()).toContain('1-minute mean'))
    expect(text()).toContain('1,383 points per signal')
    expect(document.querySelector('.segment[aria-current]')?.textContent).toBe('24 h')
    const asked = () => central.requests.filter((r) => r.endsWith('/history')).length
    const before = asked()
    clock.advance(refreshEveryMs('24h'))
    await until(() => expect(asked()).toBe(before + 1))
  })
})
