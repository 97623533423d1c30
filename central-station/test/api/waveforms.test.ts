import fc from 'fast-check'
import { encodeWaveFrame, storedWaveChannels, WAVE_BLOCK_MS, WAVE_GAP, type WaveformQuery } from '@vigil/contract'
import { manualClock } from '@vigil/contract/testing/manual-clock'
import { silentLog, systemClock } from '@vigil/program'
import { until } from '@vigil/ops/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { openDatabase } from '../../src/db/database-pool.ts'
import type { HistorySubject } from '../../src/history/history.ts'
import { createWaveforms, type WaveformService } from '../../src/waves/waveforms.ts'
import { createWaveStore } from '../../src/waves/wave-store-pg.ts'
import { rows, startPostgres, type TestPostgres } from '../support/postgres.ts'

const T = Date.UTC(2026, 2, 1, 23, 59)
const HZ = 25
const STEP_MS = 1_000 / HZ

interface Frame {
  readonly t: number
  readonly samples: readonly number[]
}

describe('stored waveforms', () => {
  let postgres: TestPostgres
  let url: string
  let database: Database
  let waveforms: WaveformService
  let devices = 0

  beforeAll(async () => {
    postgres = await startPostgres()
    url = await postgres.database()
    await rows(url, `select ensure_waveform_partition(d) from unnest(array['2026-03-01', '2026-03-02']::date[]) d`)
    database = openDatabase({ url, clock: systemClock, log: silentLog })
    await until('the database', 20_000, () => (database.health.state() === 'ok' ? true : undefined))
    waveforms = createWaveforms({ store: createWaveStore(database), clock: manualClock(T + 3_600_000) })
  })
  afterAll(async () => {
    await database?.stop()
    await postgres?.stop()
  })

  /** As the bridge stores them: by the ten seconds in which they begin, in the order they came. */
  async function store(frames: readonly Frame[]): Promise<number> {
    const no = ++devices
    const blocks = Map.groupBy(frames, ({ t }) => Math.floor(t / WAVE_BLOCK_MS) * WAVE_BLOCK_MS)
    for (const [at, held] of blocks) {
      const bytes = Buffer.concat(held.map(({ t, samples }, seq) => encodeWaveFrame({ seq, t0Us: t * 1_000, hz: HZ, scale: 0.5, offset: 3, samples: Int16Array.from(samples) })))
      await rows(url, 'insert into waveform values ($1, $2, to_timestamp($3::float8 / 1000), $4, $5)', [no, storedWaveChannels.indexOf('paw'), at, held.map(({ t }) => t * 1_000), bytes])
    }
    return no
  }
  const subject = (no: number, spans: readonly (readonly [number, number])[] = [[-Infinity, Infinity]]): HistorySubject => ({
    spans: spans.map(([fromMs, toMs]) => ({ deviceNo: no, deviceId: `d${no}`, fromMs, toMs })), fromMs: spans[0]?.[0] ?? 0, toMs: spans.at(-1)?.[1] ?? 0,
  })
  const ask = (from: number, to: number, points?: number): WaveformQuery => ({ channel: 'paw', from: String(from), to: String(to), ...(points && { points }) })

  it('come back sample by sample, whatever was lost, in whatever order, across midnight; what is not there is a gap', { timeout: 120_000 }, async () => {
    const second = fc.record({ lost: fc.boolean(), first: fc.integer({ min: -1_000, max: 1_000 }) })
    await fc.assert(
      fc.asyncProperty(fc.array(second, { minLength: 1, maxLength: 120 }), fc.integer({ min: -5_000, max: 60_000 }), fc.integer({ min: 100, max: 90_000 }), fc.boolean(), async (seconds, begin, length, backwards) => {
        const frames = seconds.flatMap(({ lost, first }, i) => (lost ? [] : [{ t: T + i * 1_000, samples: Array.from({ length: HZ }, (_, n) => (n === 7 ? WAVE_GAP : first + n)) }]))
        const no = await store(backwards ? frames.toReversed() : frames)
        const [from, to] = [T + begin, T + begin + length]
        const found = await waveforms.read(subject(no), ask(from, to))
        const expected = frames.flatMap(({ t, samples }) => samples.map((raw, n) => [t + n * STEP_MS, raw === WAVE_GAP ? null : 0.5 * raw + 3] as const)).filter(([t]) => t >= from && t < to)
        expect(found.runs.flatMap(({ t, stepMs, values = [] }) => values.map((value, n) => [Math.round((t + n * stepMs) * 1_000) / 1_000, value]))).toEqual(expected)
        const outside = (t: number) => found.gaps.every(([a, b]) => t < a || t >= b)
        expect(expected.every(([t]) => outside(t))).toBe(true)
        // Runs and gaps together are the whole range, to the sample.
        const covered = found.runs.reduce((sum, { values = [], stepMs }) => sum + values.length * stepMs, 0) + found.gaps.reduce((sum, [a, b]) => sum + b - a, 0)
        expect(Math.abs(covered - (to - from))).toBeLessThanOrEqual((found.runs.length + 1) * STEP_MS)
      }),
      { numRuns: 40, seed: 11 },
    )
  })

  it('of many samples are told as minimum and maximum, and no peak is lost', async () => {
    const frames = Array.from({ length: 60 }, (_, i) => ({ t: T + i * 1_000, samples: Array.from({ length: HZ }, (_, n) => (i === 40 && n === 13 ? 9_000 : n)) }))
    const found = await waveforms.read(subject(await store(frames)), ask(T, T + 60_000, 100))
    expect(found).toMatchObject({ resolution: 'minmax', unit: 'cm[H2O]', gaps: [] })
    const [run] = found.runs
    expect(run?.max).toHaveLength(50)
    expect(Math.max(...(run?.max ?? []).map(Number))).toBe(4_503)
    expect(run?.stepMs).toBe(1_200)
  })

  it('of a frame that comes again with another begin are told once', async () => {
    const samples = Array.from({ length: HZ }, (_, n) => n)
    const found = await waveforms.read(subject(await store([{ t: T, samples }, { t: T + 400, samples }])), ask(T, T + 2_000))
    expect(found.runs.reduce((sum, { values = [] }) => sum + values.length, 0)).toBe(HZ + 10)
  })

  it('of a stay are those of the time in which the device watched it', async () => {
    const frames = Array.from({ length: 30 }, (_, i) => ({ t: T + i * 1_000, samples: Array.from({ length: HZ }, () => i) }))
    const found = await waveforms.read(subject(await store(frames), [[T + 5_000, T + 8_000]]), ask(T, T + 30_000))
    expect([...new Set(found.runs.flatMap(({ values = [] }) => values))]).toEqual([5.5, 6, 6.5])
    expect(found.gaps).toEqual([])
  })

  it('are told an hour at a time', async () => {
    await expect(waveforms.read(subject(1), ask(T, T + 3_600_001))).rejects.toMatchObject({ code: 'INVALID_RANGE' })
  })
})
