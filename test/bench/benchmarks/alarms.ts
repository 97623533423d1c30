import { AlarmBook, defaultStayLimits, limitsInForce, type WatchedSubject } from '@vigil/contract/alarms'
import type { Benchmark, Measures } from '../framework/benchmark.ts'

const STAYS = 10_000
const SECONDS = 20
const T = Date.UTC(2026, 0, 1)
/** One stay in twenty is beyond a limit at any time: a bad night. */
const BAD = 20

function stay(i: number): WatchedSubject {
  const id = `stay-${i}`
  return {
    subject: { kind: 'stay', id }, place: { site: 'main', wardId: `w${i % 200}`, bedId: null, stayId: id, deviceId: `d${i}`, mode: 'real' },
    limits: limitsInForce(defaultStayLimits, T), off: new Set(), rules: { reAlarmMs: 180_000 },
  }
}

/** Every stay sends five values a second, each judged against every limit; timers, silence and scores as in the engine. */
function measure(): Measures {
  let lines = 0
  const book = new AlarmBook(() => { lines += 1 })
  const keys = Array.from({ length: STAYS }, (_, i) => `stay:stay-${i}`)
  for (let i = 0; i < STAYS; i++) book.watch(stay(i), T)
  const started = performance.now()
  for (let second = 0; second < SECONDS; second++) {
    const atMs = T + second * 1_000
    keys.forEach((key, i) => {
      const bad = i % BAD === 0 && second % 17 > 2
      book.sample(key, { values: { spo2: bad ? 84 : 97 - (i % 3), pr: bad ? 128 : 70 + (second % 5), rr: 14, temp: 36.8, pip: 15 }, quality: {}, atMs, measuredMs: atMs })
    })
    for (let tick = 0; tick < 5; tick++) book.tick(atMs + tick * 200)
    book.listenForSilence(atMs, { hearsSinceMs: () => T, patienceMs: () => 0 })
    if (second % 5 === 0) book.score(atMs)
  }
  const seconds = (performance.now() - started) / 1_000
  return { timesRealTime: SECONDS / seconds, samplesPerSecond: (STAYS * SECONDS) / seconds, linesPerSecond: lines / seconds }
}

export const alarms: readonly Benchmark[] = [
  {
    name: 'alarms-engine',
    what: `alarm engine: ${STAYS} stays at 1 Hz on one core, one in ${BAD} beyond a limit`,
    sides: [{ name: 'engine', start: async () => ({ run: async () => measure() }) }],
    targets: [{ says: 'evaluates 10,000 stays at least as fast as they come', of: 'engine.timesRealTime', atLeast: 1 }],
  },
]
