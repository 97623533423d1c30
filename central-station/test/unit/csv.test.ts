import { describe, expect, it } from 'vitest'
import { manualClock } from '@vigil/contract/testing/manual-clock'
import { createCsv } from '../../src/history/csv.ts'
import type { HistoryStore } from '../../src/history/history-store.ts'
import type { Span } from '../../src/history/spans.ts'

const T = Date.UTC(2026, 0, 1)
const DAY = 86_400_000

/** A device that measured at these times; answers no more than a page. */
function storeOf(times: readonly number[]): { store: HistoryStore; pages: number[] } {
  const pages: number[] = []
  const store: HistoryStore = {
    completeness: async () => ({ expected: times.length, received: times.length, missing: 0 }),
    raw: async ({ fromMs, toMs }: Span, _signals, limit) => {
      const page = times.filter((t) => t >= fromMs && t < toMs)
      pages.push(page.length)
      return page.length > limit ? undefined : { times: Float64Array.from(page), columns: new Map([['pr', Float64Array.from(page, (t) => (t % 3_000 === 0 ? Number.NaN : 60))]]) }
    },
    buckets: async () => new Map([['pr', [[T, 60, 60.5, 61], [T + 60_000, 60, 60, 60]]], ['spo2', [[T + 60_000, 97, 97, 97]]]]),
    coveredRuns: async () => [],
    surroundings: async () => [],
    edgeTimes: async () => [],
    late: async () => 0,
  }
  return { store, pages }
}

async function fileOf(store: HistoryStore, query: object, about = ['device d']): Promise<string> {
  const csv = createCsv({ store, clock: manualClock(T + 10 * DAY) })
  const subject = { spans: [{ deviceNo: 1, deviceId: 'd', fromMs: -Infinity, toMs: Infinity }], fromMs: -Infinity, toMs: Infinity }
  let text = ''
  for await (const part of (await csv.export(subject, query, { about, exportedBy: 'li' })).lines) text += part
  return text
}

describe('a history as a file', () => {
  it('holds every sample once and in order, through crowds and through silence', async () => {
    const times = [...Array.from({ length: 70_000 }, (_, i) => T + i * 20), ...Array.from({ length: 5 }, (_, i) => T + 9 * DAY + i * 1_000)]
    const { store, pages } = storeOf(times)
    const rows = (await fileOf(store, { from: String(T), to: String(T + 10 * DAY), signals: 'pr' })).split('\r\n').filter((line) => line.startsWith('20'))
    expect(rows.map((row) => Date.parse(row.split(',')[0] ?? ''))).toEqual(times)
    expect(pages.length).toBeLessThan(60)
  })

  it('a hospital number that holds a line break does not begin a line with a formula', async () => {
    const { store } = storeOf([T])
    const lines = (await fileOf(store, { from: String(T), to: String(T + 5_000), signals: 'pr' }, ['hospital number 1\r\n=HYPERLINK("http://x")'])).split(/[\r\n]+/)
    expect(lines).toContain('# hospital number 1 =HYPERLINK("http://x")')
    expect(lines.filter((line) => line.startsWith('='))).toEqual([])
  })

  it('leaves a cell empty where there was no value', async () => {
    const rows = (await fileOf(storeOf([T, T + 1_000]).store, { from: String(T), to: String(T + 5_000), signals: 'pr' })).split('\r\n')
    expect(rows.slice(-4)).toEqual(['2026-01-01T00:00:00.000Z,d,', '2026-01-01T00:00:01.000Z,d,60', '# end, 2 rows', ''])
  })

  it('puts minutes side by side, and finds its columns by itself', async () => {
    const rows = (await fileOf(storeOf([T]).store, { from: String(T), to: String(T + 120_000), resolution: '1m' })).split('\r\n')
    expect(rows.slice(-5)).toEqual([
      'time,pr min,pr mean,pr max,spo2 min,spo2 mean,spo2 max',
      '2026-01-01T00:00:00.000Z,60,60.5,61,,,',
      '2026-01-01T00:01:00.000Z,60,60,60,97,97,97',
      '# end, 2 rows',
      '',
    ])
  })

  it('says before the data what it holds, from when, by whom, and how complete', async () => {
    const text = await fileOf(storeOf([T]).store, { from: String(T), to: String(T + DAY), signals: 'pr,spo2' })
    expect(text.split('\r\n').slice(0, 7)).toEqual([
      '# Vigil history export. Not a certified medical record.',
      '# device d',
      '# exported by li at 2026-01-11T00:00:00.000Z',
      '# from 2026-01-01T00:00:00.000Z until before 2026-01-02T00:00:00.000Z, times in UTC',
      '# resolution raw: every sample',
      '# units pr /min, spo2 %',
      '# expected 1, received 1, missing 0',
    ])
  })

  it('refuses what would never end', async () => {
    const store = { ...storeOf([]).store, completeness: async () => ({ expected: 6e6, received: 6e6, missing: 0 }) }
    await expect(fileOf(store, { from: String(T), to: String(T + DAY) })).rejects.toMatchObject({ code: 'TOO_MANY_POINTS' })
    await expect(fileOf(store, { from: String(T - 365 * DAY), to: String(T), resolution: '1m' })).rejects.toMatchObject({ code: 'TOO_MANY_POINTS' })
  })
})
