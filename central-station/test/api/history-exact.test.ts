import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import fc from 'fast-check'
import type { History, HistoryQuery, Resolution } from '@vigil/contract'
import { manualClock } from '@vigil/contract/testing/manual-clock'
import { silentLog, systemClock } from '@vigil/program'
import type { Database } from '../../src/db/database.ts'
import { openDatabase } from '../../src/db/database-pool.ts'
import { createHistory, type HistoryService, type HistorySubject } from '../../src/history/history.ts'
import { createHistoryStore } from '../../src/history/history-store-pg.ts'
import { startPostgres, rows, type TestPostgres } from '../support/postgres.ts'
import { closeSamples, storeSamples, type StoredSample } from '../support/records.ts'
import { until } from '@vigil/ops/testing'
import { memoryRegistry } from '../support/world.ts'

const T = Date.UTC(2026, 2, 1, 22, 30)
const NOW = T + 6 * 3_600_000
const STEP_MS = 5_000

/** What a device produced: a run of samples, a silence, another run, perhaps another epoch, some of it lost on the way. */
const produced = fc.record({
  runs: fc.array(fc.record({ samples: fc.integer({ min: 1, max: 300 }), silenceSteps: fc.integer({ min: 0, max: 200 }), newEpoch: fc.boolean() }), { minLength: 1, maxLength: 6 }),
  lostEvery: fc.integer({ min: 7, max: 400 }),
  spo2Every: fc.integer({ min: 1, max: 4 }),
  lateEvery: fc.integer({ min: 2, max: 50 }),
  /** How much of it is closed into segments: nothing, all, or up to a moment in the middle of an hour. */
  closedMs: fc.constantFrom(0, 2_000_000, 5_400_000, 86_400_000),
})
type Produced = typeof produced extends fc.Arbitrary<infer T> ? T : never

function samplesOf({ runs, lostEvery, spo2Every, lateEvery }: Omit<Produced, 'closedMs'>): StoredSample[] {
  const out: StoredSample[] = []
  let t = T + 700
  let seq = 0
  let epoch = 0
  let n = 0
  for (const { samples, silenceSteps, newEpoch } of runs) {
    if (newEpoch) {
      epoch += 1
      seq = 0
    }
    for (let i = 0; i < samples; i++, t += STEP_MS) {
      seq += 1
      n += 1
      if (n % lostEvery === 0) continue
      const values = { pr: 60 + ((n * 7) % 50) / 2, ...(n % spo2Every === 0 ? { spo2: 90 + (n % 20) / 2 } : {}), ...(n % 3 === 0 ? { sdnn: n % 90 } : {}) }
      out.push({ t, seq, epoch: `e${epoch}`, values, lagMs: n % lateEvery === 0 ? 90_000 : 200 })
    }
    t += silenceSteps * STEP_MS
  }
  return out
}

interface Asked {
  readonly from: number
  readonly to: number
  readonly points: number
  readonly resolution: Resolution
}

/** The same answer by hand: every sample looked at, nothing clever. */
function byHand(samples: readonly StoredSample[], spans: readonly (readonly [number, number])[], { from, to, points, resolution }: Asked, bucketMs: number) {
  const inside = samples.filter((s) => s.t >= from && s.t < to && spans.some(([a, b]) => s.t >= a && s.t < b))
  const series = (['pr', 'spo2', 'sdnn'] as const).map((signal) => {
    const values = inside.flatMap((s) => (s.values[signal] === undefined ? [] : [[s.t, s.values[signal]] as const]))
    if (resolution === 'raw') return values.map(([t, v]) => [t, v])
    const buckets = Map.groupBy(values, ([t]) => Math.floor(t / bucketMs) * bucketMs)
    return [...buckets].map(([t, group]) => {
      const all = group.map(([, v]) => v)
      return [Math.max(t, from), Math.min(...all), all.reduce((a, b) => a + b, 0) / all.length, Math.max(...all)]
    })
  })
  let [expected, received] = [0, 0]
  for (const [a, b] of spans) {
    for (const group of Map.groupBy(inside.filter((s) => s.t >= a && s.t < b), (s) => s.epoch).values()) {
      expected += (group.at(-1)?.seq ?? 0) - (group[0]?.seq ?? 0) + 1
      received += group.length
    }
  }
  return { series, points, completeness: { expected, received, missing: expected - received }, late: inside.filter((s) => (s.lagMs ?? 0) > 60_000).length, times: inside.map((s) => s.t) }
}

/** Silences of more than three steps; where minutes are read, those that leave at least one minute of the device empty. */
function gapsByHand(samples: readonly StoredSample[], times: readonly number[], { from, to, resolution }: Asked): number[][] {
  const filled = new Set(samples.map((s) => Math.floor(s.t / 60_000)))
  const leavesMinuteEmpty = (a: number, b: number) => {
    for (let minute = Math.floor(a / 60_000); minute * 60_000 < b; minute++) if (!filled.has(minute)) return true
    return false
  }
  const gaps: number[][] = []
  let last = from
  for (const t of [...times, to]) {
    if (t - last > 3 * STEP_MS && (resolution === 'raw' || leavesMinuteEmpty(last, t))) gaps.push([last, t])
    last = t
  }
  return gaps
}

describe('history against the same answer worked out by hand', () => {
  let postgres: TestPostgres
  let url: string
  let database: Database
  let history: HistoryService
  let made = 0

  beforeAll(async () => {
    postgres = await startPostgres()
    url = await postgres.database()
    database = openDatabase({ url, clock: systemClock, log: silentLog })
    await until('the database', 5_000, () => (database.health.state() === 'ok' ? true : undefined))
    history = createHistory({ store: createHistoryStore(database), registry: memoryRegistry(), clock: manualClock(NOW), intervalOf: () => STEP_MS })
  })
  afterAll(async () => {
    await database?.stop()
    await postgres?.stop()
  })

  async function device(samples: readonly StoredSample[], closedMs = 0): Promise<number> {
    const id = `d${made++}`
    const [row] = await rows<{ no: number }>(url, `insert into device (id, secret_mac) values ($1, '') returning no`, [id])
    await storeSamples(url, id, samples)
    if (closedMs > 0) await closeSamples(url, id, T + closedMs)
    return row?.no ?? 0
  }
  const subject = (no: number, spans: readonly (readonly [number, number])[]): HistorySubject => ({
    spans: spans.map(([fromMs, toMs]) => ({ deviceNo: no, deviceId: 'd', fromMs, toMs })),
    fromMs: spans[0]?.[0] ?? -Infinity,
    toMs: spans.at(-1)?.[1] ?? Infinity,
  })
  const close = (found: History, hand: ReturnType<typeof byHand>) => {
    for (const [i, expected] of hand.series.entries()) {
      const points = found.series[i]?.points ?? []
      expect(points.map(([t]) => t)).toEqual(expected.map(([t]) => t))
      for (const [n, point] of points.entries()) for (const [column, value] of point.entries()) expect(value).toBeCloseTo(expected[n]?.[column] ?? Number.NaN, 3)
    }
    expect(found.completeness).toEqual(hand.completeness)
    expect(found.late).toBe(hand.late)
  }
  const ask = (no: number, spans: readonly (readonly [number, number])[], { from, to, points, resolution }: Asked) => {
    const query: HistoryQuery = { from: String(from), to: String(to), points, resolution, signals: 'pr,spo2,sdnn' }
    return history.read(subject(no, spans), query)
  }

  it('is exact for any device, range, resolution and number of points', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(
        produced,
        fc.array(fc.record({ at: fc.integer({ min: -600_000, max: 5_000_000 }), length: fc.integer({ min: 1, max: 6_000_000 }), points: fc.integer({ min: 1, max: 2_000 }), resolution: fc.constantFrom<Resolution>('raw', '1m', '1h') }), { minLength: 6, maxLength: 6 }),
        async (made, asks) => {
          const samples = samplesOf(made)
          const no = await device(samples, made.closedMs)
          for (const { at, length, points, resolution } of asks) {
            const asked = { from: T + at, to: T + at + length, points: resolution === 'raw' ? 20_000 : points, resolution }
            const span = [-Infinity, Infinity] as const
            const found = await ask(no, [span], asked)
            const hand = byHand(samples, [span], asked, found.bucketMs)
            expect(found.resolution).toBe(resolution)
            close(found, hand)
            if (resolution !== 'raw') for (const { points: drawn } of found.series) expect(drawn.length).toBeLessThanOrEqual(points)
            if (hand.times.length > 3 && hand.times.some((t, i) => t - (hand.times[i - 1] ?? -Infinity) === STEP_MS)) {
              expect(found.gaps).toEqual(gapsByHand(samples, hand.times, asked))
            }
          }
        },
      ),
      { numRuns: 16, seed: 2026, endOnFailure: true },
    )
  })

  it('of a stay holds only its own intervals to the millisecond, at every resolution', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 60_000, max: 900_000 }), fc.integer({ min: 60_000, max: 900_000 }), fc.integer({ min: 0, max: 600_000 }), fc.constantFrom(0, 1_000_000, 86_400_000), async (first, second, pause, closedMs) => {
        const samples = samplesOf({ runs: [{ samples: 600, silenceSteps: 0, newEpoch: true }], lostEvery: 401, spo2Every: 2, lateEvery: 9 })
        const no = await device(samples, closedMs)
        const start = T + 33_333
        const spans = [[start, start + first], [start + first + pause, start + first + pause + second]] as const
        for (const resolution of ['raw', '1m', '1h'] as const) {
          const asked = { from: T, to: T + 3_600_000, points: 20_000, resolution }
          const found = await ask(no, spans, asked)
          close(found, byHand(samples, spans, asked, found.bucketMs))
        }
      }),
      { numRuns: 6, seed: 5 },
    )
  })

  it('says so when a device was silent within a stay, and when none was linked', async () => {
    const samples = samplesOf({ runs: [{ samples: 120, silenceSteps: 60, newEpoch: true }, { samples: 120, silenceSteps: 0, newEpoch: false }], lostEvery: 999, spo2Every: 1, lateEvery: 999 })
    const no = await device(samples)
    const [silenceFrom, silenceTo] = [samples[119]?.t ?? 0, samples[120]?.t ?? 0]
    const end = (samples.at(-1)?.t ?? 0) + 1
    const unlinked = [silenceTo + 100_000, silenceTo + 400_000] as const
    for (const resolution of ['raw', '1m'] as const) {
      const found = await ask(no, [[T, unlinked[0]], [unlinked[1], end]], { from: T, to: end, points: 20_000, resolution })
      expect(found.gaps).toHaveLength(2)
      expect(found.gaps[0]).toEqual([silenceFrom, silenceTo])
      const [from = 0, to = 0] = found.gaps[1] ?? []
      expect(from).toBeGreaterThan(unlinked[0] - 6_000)
      expect(to).toBeGreaterThanOrEqual(unlinked[1])
    }
  })

  it('falls back to the roll-ups where the raw samples are no longer kept', async () => {
    const samples = samplesOf({ runs: [{ samples: 300, silenceSteps: 0, newEpoch: true }], lostEvery: 999, spo2Every: 1, lateEvery: 999 })
    const no = await device(samples)
    await rows(url, 'delete from sample where device_no = $1', [no])
    const found = await history.read(subject(no, [[-Infinity, Infinity]]), { from: String(T - 60_000), to: String(T + 3_600_000) })
    expect(found.resolution).toBe('1m')
    expect(found.series.map((s) => s.signal)).toEqual(['pr', 'spo2', 'sdnn'])
    expect(found.series[0]?.points.length).toBeGreaterThan(20)
  })

  it('finds by itself which signals have data, also those without a column', async () => {
    const no = await device([{ t: T, seq: 1, epoch: 'a', values: { pr: 72, steps: 12 } }])
    const found = await history.read(subject(no, [[-Infinity, Infinity]]), { from: String(T - 1_000), to: String(T + 1_000) })
    expect(found).toMatchObject({ resolution: 'raw', series: [{ signal: 'pr', unit: '/min', points: [[T, 72]] }, { signal: 'steps', points: [[T, 12]] }], completeness: { expected: 1, received: 1, missing: 0 } })
  })

  it('misses nothing between two numbers that were made of the time: a pack of SenML left none out', async () => {
    const pack = (second: number) => ({ t: T + 1_000 * second, seq: 1_000_000 * (second + 1), values: { pr: 72 } })
    const counted = { expected: 3, received: 3, missing: 0 }
    const no = await device([0, 5, 9].map((second) => ({ ...pack(second), epoch: 'senml1' })))
    expect((await history.read(subject(no, [[-Infinity, Infinity]]), { from: String(T - 1_000), to: String(T + 10_000) })).completeness).toEqual(counted)
    const numbered = await device([0, 5, 9].map((second) => ({ ...pack(second), epoch: 'a' })))
    expect((await history.read(subject(numbered, [[-Infinity, Infinity]]), { from: String(T - 1_000), to: String(T + 10_000) })).completeness.missing).toBe(8_999_998)
  })
})
