import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AlarmBook, type AlarmLogRecord, type AlarmSample, defaultStayLimits, isPausable, limitsInForce, monitored, MOST_MONITORING_PAUSE_MS, PAUSE_ENDING_MS, type WatchedSubject } from '../../src/alarms/index.ts'

const T = Date.UTC(2026, 0, 1)
const KEY = 'stay:s1'
const MINUTE = 60_000
const nurse = { user: 'li', role: 'nurse', origin: '' }
const watched: WatchedSubject = {
  subject: { kind: 'stay', id: 's1' }, place: { site: 'main', wardId: 'w', bedId: 'b1', stayId: 's1', deviceId: 'd1', mode: 'real' },
  limits: limitsInForce(defaultStayLimits, T), off: new Set(), rules: { reAlarmMs: 180_000 },
}

/** A book of one patient, a clock, and what a ward does with both. */
function openBook(from: readonly AlarmLogRecord[] = [], atMs = T) {
  const log: AlarmLogRecord[] = []
  const book = new AlarmBook((record) => log.push(record))
  book.watch(watched, atMs)
  book.restore(from)
  let now = atMs
  const silence = () => book.listenForSilence(now, { hearsSinceMs: () => T, patienceMs: () => 0 })
  return {
    book, log, now: () => now,
    seconds: (n: number, values: AlarmSample['values'] = {}) => {
      for (let i = 0; i < n; i++) {
        now += 1_000
        if (Object.keys(values).length > 0) book.sample(KEY, { values, quality: {}, atMs: now })
        book.tick(now)
        silence()
      }
    },
    pause: (minutes: number, why = 'bath') => book.changeMonitoring(KEY, { type: 'pause', atMs: now, forMs: minutes * MINUTE, by: nurse, why }),
    resume: () => book.changeMonitoring(KEY, { type: 'resume', atMs: now, by: nurse, why: null }),
    acknowledge: () => {
      for (const { alarmId, state } of book.all()) book.acknowledge(alarmId, { atMs: now, by: nurse, seenVersion: state.version, note: null })
    },
    open: () => [...book.all()].filter(({ state }) => state.phase !== 'pending').map(({ condition, state }) => `${condition} ${state.phase}`).sort(),
    lines: () => log.map((record) => `${record.stream === 'alarm' ? record.condition : record.stream} ${record.what}`),
  }
}
const well = { spo2: 97, pr: 70 }
const bad = { spo2: 84, pr: 70 }

describe('a stay whose monitoring is paused', () => {
  it('raises nothing that is measured or missing, and says who paused it, why and until when', () => {
    const { book, seconds, pause, open, now, lines } = openBook()
    seconds(5, well)
    pause(10)
    seconds(60, bad)
    seconds(60)
    book.judge(KEY, 'device_lost', true, now())
    book.report(KEY, 'source_physiological:e1', { there: true, priority: 'high', atMs: now(), value: null })
    seconds(300)
    expect(open()).toEqual([])
    expect(lines()).toEqual(['monitoring monitoring_paused'])
    expect(book.monitoring(KEY)).toEqual({ mode: 'paused', n: 1, sinceMs: T + 5_000, untilMs: T + 5_000 + 10 * MINUTE, by: 'li', role: 'nurse', why: 'bath' })
  })

  it('lets the patient call', () => {
    const { book, pause, open, now, seconds } = openBook()
    pause(30)
    book.judge(KEY, 'patient_call', true, now())
    expect(open()).toEqual(['patient_call active'])
    seconds(60)
    expect([...book.all()][0]?.state.escalation).toBe(1)
    expect([...book.all()][0]?.pausedSinceMs).toBeNull()
  })

  it('calls for somebody two minutes before its end, and goes on by itself', () => {
    const { book, seconds, pause, open, lines } = openBook()
    pause(10)
    seconds((10 * MINUTE - PAUSE_ENDING_MS) / 1_000 - 1)
    expect(open()).toEqual([])
    seconds(1)
    expect(open()).toEqual(['pause_ending active'])
    seconds(PAUSE_ENDING_MS / 1_000)
    expect(open()).toEqual([])
    expect(book.monitoring(KEY).mode).toBe('on')
    expect(lines().slice(-3)).toEqual(['monitoring monitoring_pause_over', 'pause_ending recovering', 'pause_ending cleared'])
  })

  it('never lasts longer than an hour by one word, and counts anew when somebody says so again', () => {
    const { book, pause, seconds, now } = openBook()
    pause(600)
    expect(book.monitoring(KEY).untilMs).toBe(T + MOST_MONITORING_PAUSE_MS)
    seconds(3_540)
    pause(10, 'transport')
    expect(book.monitoring(KEY)).toMatchObject({ untilMs: now() + 10 * MINUTE, why: 'transport' })
    expect([...book.all()]).toEqual([])
  })

  it('begins anew with what is still so at its end: delays run from there', () => {
    const { seconds, pause, resume, open } = openBook()
    seconds(8, bad)
    pause(10)
    seconds(30, bad)
    resume()
    seconds(10, bad)
    expect(open()).toEqual([])
    seconds(1, bad)
    expect(open()).toEqual(['low:spo2 active'])
  })

  it('has a minute to be connected again; then what is missing is said', () => {
    const { seconds, pause, resume, open } = openBook()
    seconds(5, well)
    pause(20)
    seconds(600)
    resume()
    seconds(59)
    expect(open()).toEqual([])
    seconds(1)
    expect(open()).toEqual(['no_data:spo2 active'])
  })

  it('leaves what stood open as it stood: marked, neither worse, over, escalated nor ringing again', () => {
    const { book, seconds, pause, resume, open, lines } = openBook()
    seconds(12, bad)
    pause(10)
    const said = lines().length
    seconds(100, { spo2: 70 })
    seconds(100, well)
    seconds(100)
    expect(open()).toEqual(['low:spo2 active'])
    expect(lines().slice(said)).toEqual([])
    expect([...book.all()][0]).toMatchObject({ pausedSinceMs: T + 12_000, state: { escalation: 0, worst: 84 } })
    resume()
    expect([...book.all()][0]?.pausedSinceMs).toBeNull()
    seconds(59, bad)
    expect(lines()).not.toContain('low:spo2 escalated')
    seconds(1, bad)
    expect(lines()).toContain('low:spo2 escalated')
  })

  it('can be answered for meanwhile, and rings again only when its time after the pause is over', () => {
    const { seconds, pause, resume, acknowledge, open } = openBook()
    seconds(12, bad)
    pause(10)
    acknowledge()
    expect(open()).toEqual(['low:spo2 acknowledged'])
    seconds(300, bad)
    resume()
    seconds(179, bad)
    expect(open()).toEqual(['low:spo2 acknowledged'])
    seconds(1, bad)
    expect(open()).toEqual(['low:spo2 active'])
  })

  it('ends with the stay', () => {
    const { book, pause, now, log } = openBook()
    pause(60)
    book.forget(KEY, now(), 'discharged')
    expect(log.at(-1)).toMatchObject({ stream: 'monitoring', what: 'monitoring_resumed', to: 'on', by: null, why: 'discharged' })
    expect(book.monitoring(KEY)).toEqual(monitored)
  })
})

const happening = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('measure' as const), seconds: fc.integer({ min: 1, max: 40 }), spo2: fc.integer({ min: 70, max: 99 }), pr: fc.integer({ min: 40, max: 140 }) }) },
  fc.record({ do: fc.constant('silence' as const), seconds: fc.integer({ min: 1, max: 200 }) }),
  fc.record({ do: fc.constant('pause' as const), minutes: fc.constantFrom(1, 3, 10) }),
  fc.record({ do: fc.constantFrom('resume' as const, 'acknowledge' as const, 'call' as const) }),
)
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never
const history = fc.array(happening, { maxLength: 25 })

function play(ward: ReturnType<typeof openBook>, happenings: readonly Happening[]): void {
  for (const what of happenings) {
    if (what.do === 'measure') ward.seconds(what.seconds, { spo2: what.spo2, pr: what.pr })
    else if (what.do === 'silence') ward.seconds(what.seconds)
    else if (what.do === 'pause') ward.pause(what.minutes)
    else if (what.do === 'call') ward.book.judge(KEY, 'patient_call', true, ward.now())
    else ward[what.do]()
  }
}

describe('whatever happens to a stay that is paused now and then', () => {
  it('a restart anywhere leaves the same alarms and the same pause, and what follows is the same', () => {
    fc.assert(fc.property(history, history, (before, after) => {
      const whole = openBook()
      play(whole, before)
      const cut = whole.log.length
      const again = openBook(JSON.parse(JSON.stringify(whole.log)) as AlarmLogRecord[], whole.now())
      for (const [signal, at] of whole.book.heard(KEY) ?? []) again.book.rememberHeard(KEY, [[signal, at]])
      expect(again.book.monitoring(KEY)).toEqual(whole.book.monitoring(KEY))
      expect([...again.book.all()]).toEqual([...whole.book.all()])
      play(whole, after)
      play(again, after)
      expect(again.log).toEqual(whole.log.slice(cut))
    }), { numRuns: 60 })
  })

  it('nothing a pause holds back is said while it lasts, and nothing that stood open is lost by it', () => {
    const loud = new Set(['announced', 'worsened', 'recurred', 're_alarmed', 'escalated', 'cleared', 'over_unseen'])
    fc.assert(fc.property(history, (happenings) => {
      const ward = openBook()
      play(ward, happenings)
      let paused = false
      for (const record of ward.log) {
        if (record.stream === 'monitoring') paused = record.to === 'paused'
        else if (record.stream === 'alarm' && paused && isPausable(record.condition) && record.by === null) expect(loud.has(record.what), record.what).toBe(false)
      }
    }), { numRuns: 60 })
  })

  it('a pause is always over at its time', () => {
    fc.assert(fc.property(history, (happenings) => {
      const ward = openBook()
      play(ward, happenings)
      ward.seconds(MOST_MONITORING_PAUSE_MS / 1_000)
      expect(ward.book.monitoring(KEY).mode).toBe('on')
    }), { numRuns: 10 })
  })
})
