import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type BedSilence, type BedVerdict, DEVICE_LOST_MS, judgeLink, type LinkState, linkUp, MANY_BEDS, SETTLE_MS } from '../../src/alarms/index.ts'

const T = 1_000_000_000
const LATE_MS = 5_000

/** A ward of boards at 1 Hz as the engine sees it: `heard(bed, second)` says whether the board is heard in that second. */
function ward(beds: number, heard: (bed: number, second: number) => boolean, { deafUntilS = -3_600 }: { deafUntilS?: number } = {}) {
  let state: LinkState = linkUp
  const lastSeen = Array.from({ length: beds }, () => T)
  const own = new Map<string, number>()
  const looks: { second: number; standing: boolean; verdicts: BedVerdict[]; silentMs: number[]; backSinceMs: number | null; away: number }[] = []
  return {
    looks,
    run(seconds: number) {
      for (let second = looks.length; second < seconds; second++) {
        const nowMs = T + second * 1_000
        lastSeen.forEach((_, bed) => { if (heard(bed, second)) lastSeen[bed] = nowMs })
        const silentMs = lastSeen.map((at) => nowMs - at)
        const facts = silentMs.map((ms, bed): BedSilence => ({
          key: String(bed), lastSeenMs: lastSeen[bed] as number, ownSinceMs: own.get(String(bed)) ?? null, status: ms >= DEVICE_LOST_MS ? 'lost' : ms > LATE_MS ? 'late' : 'there',
        }))
        const judged = judgeLink(state, { nowMs, listeningSinceMs: T + deafUntilS * 1_000, beds: facts })
        state = judged.state
        for (const [key, verdict] of judged.verdicts) {
          if (verdict !== 'lost') { if (verdict !== 'waiting') own.delete(key) }
          else if (!own.has(key)) own.set(key, nowMs)
        }
        looks.push({ second, standing: state.standing, verdicts: [...judged.verdicts.values()], silentMs, backSinceMs: state.backSinceMs, away: state.away.size })
      }
      return looks
    },
    ever: (verdict: BedVerdict) => new Set(looks.flatMap(({ verdicts }) => verdicts.flatMap((one, bed) => (one === verdict ? [bed] : [])))),
    stood: () => looks.filter(({ standing }) => standing).map(({ second }) => second),
  }
}

describe('one alarm for many beds', () => {
  it('cut all at once: one alarm after 30 s, none of a bed, and over when the last is back', () => {
    const w = ward(14, (_, s) => s < 10 || s >= 70)
    w.run(200)
    expect(w.ever('lost').size).toBe(0)
    expect(w.stood()[0]).toBe(9 + 30)
    expect(w.looks[39]?.away).toBe(14)
    expect(w.stood().at(-1)).toBe(69)
  })

  it('boards that fall silent a second apart are counted before the first is lost', () => {
    const w = ward(14, (bed, s) => s < 10 + bed || s >= 100)
    w.run(200)
    expect(w.ever('lost').size).toBe(0)
    expect(w.looks.find(({ standing }) => standing)?.away).toBe(14)
  })

  it('one every four seconds: those told one by one become part of the one', () => {
    const w = ward(14, (bed, s) => s < 10 + 4 * bed)
    w.run(300)
    const last = w.looks.at(-1)
    expect(w.ever('lost').size).toBeGreaterThan(0)
    expect(last).toMatchObject({ standing: true, away: 14 })
    expect(new Set(last?.verdicts)).toEqual(new Set(['covered']))
  })

  it('ten are ten alarms, each after 30 s', () => {
    const w = ward(MANY_BEDS, (_, s) => s < 10)
    w.run(45)
    expect(w.stood()).toEqual([])
    expect(w.looks[38]?.verdicts).toEqual(Array.from({ length: 10 }, () => 'there'))
    expect(w.looks[39]?.verdicts).toEqual(Array.from({ length: 10 }, () => 'lost'))
  })

  it('a bed lost long before keeps its own alarm throughout', () => {
    const w = ward(15, (bed, s) => (bed === 0 ? s < 1 : s < 200 || s >= 260))
    w.run(400)
    expect(new Set(w.looks.slice(31).map(({ verdicts }) => verdicts[0]))).toEqual(new Set(['lost']))
    expect([...w.ever('lost')]).toEqual([0])
  })

  it('a board that stays lost after the path is back raises its own when the others had time to return', () => {
    const w = ward(14, (bed, s) => s < 10 || (s >= 70 + bed * 4 && bed < 13))
    w.run(300)
    expect([...w.ever('lost')]).toEqual([13])
    expect(w.looks.findIndex(({ verdicts }) => verdicts[13] === 'lost')).toBe(70 + SETTLE_MS / 1_000)
    expect(w.stood().at(-1)).toBe(69 + SETTLE_MS / 1_000)
  })

  it('a board that comes back and then falls silent by itself is its own alarm after 30 s, while the one still stands', () => {
    const w = ward(14, (bed, s) => s < 10 || (bed === 0 && s >= 70 && s < 75) || (bed > 3 && s >= 71))
    w.run(140)
    expect([...w.ever('lost')]).toEqual([0])
    expect(w.looks.findIndex(({ verdicts }) => verdicts[0] === 'lost')).toBe(74 + 30)
    expect(w.looks[104]?.standing).toBe(true)
  })

  it('a path that comes and goes is one alarm, not one per bed in between', () => {
    const w = ward(20, (bed, s) => s < 10 || (s >= 60 && s < 66 && bed < 9) || s >= 200)
    w.run(300)
    expect(w.ever('lost').size).toBe(0)
    expect(w.stood()).toEqual(Array.from({ length: 200 - 39 }, (_, i) => 39 + i))
  })

  it('as many as ever without the path after some are back: the one stays', () => {
    const w = ward(20, (bed, s) => s < 10 || (bed < 5 && s >= 60))
    w.run(600)
    expect(w.ever('lost').size).toBe(0)
    expect(w.looks.at(-1)).toMatchObject({ standing: true, away: 15 })
  })

  it('silent since before the engine could hear: the time boards need to come back, then each its own', () => {
    const w = ward(3, () => false, { deafUntilS: 10 })
    w.run(100)
    expect(w.looks.findIndex(({ verdicts }) => verdicts.includes('lost'))).toBe(10 + SETTLE_MS / 1_000)
  })
})

/** Cuts of any beds at any time, and returns: for each bed seconds at which it changes between heard and silent. */
const wards = fc.array(fc.uniqueArray(fc.integer({ min: 1, max: 400 }), { maxLength: 6 }).map((at) => at.sort((a, b) => a - b)), { minLength: 1, maxLength: 30 })
const isHeard = (changes: readonly number[], second: number) => changes.filter((at) => at <= second).length % 2 === 0

describe('whatever boards do', () => {
  it('one that is silent for long has an alarm, its own or the one that stands for it; stale is never healthy', () => {
    fc.assert(fc.property(wards, (boards) => {
      const w = ward(boards.length, (bed, s) => isHeard(boards[bed] ?? [], s))
      const told = (verdict: BedVerdict, standing: boolean) => verdict === 'lost' || (verdict === 'covered' && standing)
      const wrong = w.run(480).flatMap(({ second, verdicts, silentMs, standing }) =>
        verdicts.flatMap((verdict, bed) => (told(verdict, standing) === (silentMs[bed] ?? 0) >= DEVICE_LOST_MS ? [] : [{ second, bed, verdict }])))
      expect(wrong).toEqual([])
    }), { numRuns: 60 })
  })

  it('the one never stands for few beds for longer than they need to come back', () => {
    fc.assert(fc.property(wards, (boards) => {
      const w = ward(boards.length, (bed, s) => isHeard(boards[bed] ?? [], s))
      let few = 0
      for (const { standing, away } of w.run(480)) {
        few = standing && away <= MANY_BEDS ? few + 1 : 0
        expect(few).toBeLessThanOrEqual(SETTLE_MS / 1_000)
      }
    }), { numRuns: 60 })
  })

  it('a cut of more than ten at once, back within a minute of one another, never raises one of a bed', () => {
    fc.assert(fc.property(fc.integer({ min: MANY_BEDS + 1, max: 40 }), fc.integer({ min: 30, max: 200 }), fc.infiniteStream(fc.integer({ min: 0, max: 60 })), (beds, cutS, delays) => {
      const after = Array.from({ length: beds }, () => delays.next().value as number)
      const w = ward(beds, (bed, s) => s < 10 || s >= 10 + cutS + (after[bed] ?? 0))
      w.run(10 + cutS + 100)
      expect(w.ever('lost').size).toBe(0)
      expect(w.looks.at(-1)?.standing).toBe(false)
    }), { numRuns: 40 })
  })
})
