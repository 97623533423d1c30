import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { manualClock } from '@vigil/contract/testing/manual-clock'
import { type Gap, gapsBetween, joinGaps, medianStep, uncovered } from '../../src/history/gaps.ts'
import { readQuestion } from '../../src/history/history-question.ts'
import { bucketWidth, chooseResolution } from '../../src/history/resolution.ts'
import { clip, HOUR_MS, MINUTE_MS, pieces, type Source, type Span } from '../../src/history/spans.ts'

const T = Date.UTC(2026, 0, 1)
const DAY_MS = 24 * HOUR_MS
const clock = manualClock(T)

const times = (...t: number[]) => Float64Array.from(t)

describe('which resolution answers a question', () => {
  const choose = (received: number, rangeMs: number, points = 1_000) => chooseResolution({ received, fromMs: T, toMs: T + rangeMs, points, pointsAsked: true, asked: undefined })
  it.each([
    ['raw', 1_000, HOUR_MS],
    ['1m', 1_001, HOUR_MS],
    ['1m', 86_400, DAY_MS],
    ['1m', 604_800, 7 * DAY_MS],
    ['1h', 2_592_000, 30 * DAY_MS],
    ['1h', 31_000_000, 365 * DAY_MS],
    ['raw', 12, 365 * DAY_MS],
  ])('%s for %i samples in %i ms', (expected, received, rangeMs) => expect(choose(received, rangeMs)).toBe(expected))

  it('reads hours, not a hundred thousand minutes, however many points are asked for', () => {
    expect(choose(9e6, 100 * DAY_MS, 20_000)).toBe('1h')
  })

  it('refuses raw samples that do not fit an answer, and says what to do', () => {
    const ask = () => chooseResolution({ received: 86_400, fromMs: T, toMs: T + DAY_MS, points: 1_000, pointsAsked: false, asked: 'raw' })
    expect(ask).toThrow(expect.objectContaining({ code: 'TOO_MANY_POINTS', message: expect.stringContaining('CSV') }))
  })

  it('merges buckets to at most as many as asked for, in whole multiples', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e9 }), fc.integer({ min: 1, max: 4e9 }), fc.integer({ min: 1, max: 20_000 }), (offset, length, points) => {
        const [from, to] = [T + offset, T + offset + length]
        const width = bucketWidth(MINUTE_MS, from, to, points)
        expect(width % MINUTE_MS).toBe(0)
        expect(Math.ceil(to / width) - Math.floor(from / width)).toBeLessThanOrEqual(points)
      }),
      { seed: 11 },
    )
  })
})

describe('where a span is read from', () => {
  const span = (fromMs: number, toMs: number): Span => ({ deviceNo: 1, deviceId: 'd', fromMs, toMs })

  it.each(['sample', 'rollup_1m', 'rollup_1h'] as Source[])('covers every millisecond once and roll-ups only by whole buckets (%s)', (source) => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5 * HOUR_MS }), fc.integer({ min: 1, max: 5 * HOUR_MS }), (from, length) => {
        const parts = pieces(span(T + from, T + from + length), source)
        let next = T + from
        for (const part of parts) {
          expect(part.fromMs).toBe(next)
          next = part.toMs
          const bucketMs = { sample: 1, rollup_1m: MINUTE_MS, rollup_1h: HOUR_MS }[part.source]
          expect([part.fromMs % bucketMs, part.toMs % bucketMs]).toEqual([0, 0])
        }
        expect(next).toBe(T + from + length)
      }),
      { seed: 13 },
    )
  })

  it('keeps only what lies in the range, in order', () => {
    expect(clip([span(T + 50, Infinity), span(-Infinity, T), span(T, T + 20)], T + 10, T + 60)).toEqual([span(T + 10, T + 20), span(T + 50, T + 60)])
  })
})

describe('gaps', () => {
  it('are silences longer than three steps, also at either end', () => {
    expect(gapsBetween(times(10, 11, 12, 20, 21), 0, 30, 1)).toEqual([[0, 10], [12, 20], [21, 30]])
    expect(gapsBetween(times(0, 3, 6), 0, 9, 1)).toEqual([])
    expect(gapsBetween(times(), 0, 9, 1)).toEqual([[0, 9]])
  })
  it('take the usual step from the samples; a silence among few samples is no step', () => {
    expect(medianStep([times(0, 1, 2, 3), times(100, 101)])).toBe(1)
    expect(medianStep([times(0, 1, 3_600)])).toBe(1)
    expect(medianStep([times(5)])).toBeUndefined()
  })
  it('are never joined across a sample, but at the border between two devices they are', () => {
    expect(joinGaps([[0, 10], [10, 20]], new Set())).toEqual([[0, 10], [10, 20]])
    expect(joinGaps([[10, 20], [0, 10]], new Set([10]))).toEqual([[0, 20]])
    expect(joinGaps([[0, 15], [10, 20]], new Set())).toEqual([[0, 20]])
  })
  it('and runs together cover the range exactly', () => {
    const runs: Gap[] = [[5, 10], [10, 12], [20, 25]]
    expect(uncovered(runs, 0, 30)).toEqual([[0, 5], [12, 20], [25, 30]])
    expect(uncovered([], 0, 30)).toEqual([[0, 30]])
    expect(uncovered([[-5, 40]], 0, 30)).toEqual([])
  })
})

describe('what a history question may say', () => {
  it('is the last hour of everything when it says nothing', () => {
    expect(readQuestion({}, clock)).toMatchObject({ fromMs: T - HOUR_MS, toMs: T, signals: undefined, points: 1_000 })
  })
  it.each([
    ['2026-01-01T00:00:00Z', T],
    ['2026-01-01T01:00:00+01:00', T],
    ['2026-01-01T01:00:00 01:00', T],
    ['2026-01-01T00:00', T],
    ['2026-01-01', T],
    [String(T), T],
  ])('reads %s', (text, expected) => expect(readQuestion({ to: text }, clock).toMs).toBe(expected))

  it.each([
    [{ from: 'yesterday' }, 'INVALID_RANGE'],
    [{ from: '2026' }, 'INVALID_RANGE'],
    [{ from: '12345' }, 'INVALID_RANGE'],
    [{ from: '1999-12-31' }, 'INVALID_RANGE'],
    [{ to: '2101-01-01' }, 'INVALID_RANGE'],
    [{ from: '9'.repeat(30) }, 'INVALID_RANGE'],
    [{ from: '2026-01-02', to: '2026-01-01' }, 'INVALID_RANGE'],
    [{ from: '2026-01-01', to: '2026-01-01' }, 'INVALID_RANGE'],
    [{ from: '2001-01-01', to: '2026-01-01' }, 'INVALID_RANGE'],
    [{ signals: 'pr,aura' }, 'UNKNOWN_SIGNAL'],
    [{ signals: ' , ' }, 'UNKNOWN_SIGNAL'],
    [{ signals: '__proto__' }, 'UNKNOWN_SIGNAL'],
  ])('refuses %j by name', (query, code) => expect(() => readQuestion(query, clock)).toThrow(expect.objectContaining({ code })))
})
