import { describe, expect, it } from 'vitest'
import { AlarmBook, type AlarmLogRecord, type AlarmSample, audioOn, defaultStayLimits, limitsInForce, type StayLimits, type WatchedSubject } from '../../src/alarms/index.ts'

const T = Date.UTC(2026, 0, 1)
const nurse = { user: 'li', role: 'nurse', origin: '' }
const stay = (id = 's1', more: Partial<WatchedSubject> = {}, limits: StayLimits = defaultStayLimits): WatchedSubject => ({
  subject: { kind: 'stay', id }, place: { site: 'main', wardId: 'w', bedId: 'b1', stayId: id, deviceId: 'd1', mode: 'real' },
  limits: limitsInForce(limits, T), off: new Set(), rules: { reAlarmMs: 180_000 }, ...more,
})

function openBook(...subjects: WatchedSubject[]) {
  const log: AlarmLogRecord[] = []
  const book = new AlarmBook((record) => log.push(record))
  for (const subject of subjects.length === 0 ? [stay()] : subjects) book.watch(subject, T)
  let now = T
  const say = (values: AlarmSample['values'], quality: AlarmSample['quality'] = {}, key = 'stay:s1') => book.sample(key, { values, quality, atMs: now })
  return {
    book, log, say,
    /** The same second after second. */
    for: (seconds: number, values: AlarmSample['values'], quality: AlarmSample['quality'] = {}) => {
      for (let i = 0; i < seconds; i++) {
        now += 1_000
        say(values, quality)
        book.tick(now)
      }
    },
    wait: (ms: number) => {
      now += ms
      book.tick(now)
      book.listenForSilence(now, { hearsSinceMs: () => T, patienceMs: () => 0 })
    },
    now: () => now,
    open: () => [...book.all()].filter(({ state }) => state.phase !== 'pending').map(({ condition, state }) => `${condition} ${state.phase} ${state.priority}`).sort(),
    told: () => log.filter((r) => r.what === 'announced').map((r) => (r.stream === 'alarm' ? r.condition : '')),
  }
}

describe('the book of a stay', () => {
  it('announces a low saturation after 10 s, a desaturation after 3 s', () => {
    const { open, for: go } = openBook()
    go(10, { spo2: 85 })
    expect(open()).toEqual([])
    go(1, { spo2: 85 })
    expect(open()).toEqual(['low:spo2 active high'])
    go(4, { spo2: 75 })
    expect(open()).toEqual(['desat:spo2 active high', 'low:spo2 active high'])
  })

  it('says nothing about values exactly on their limits', () => {
    const { for: go, log } = openBook()
    go(120, { spo2: 90, pr: 120, rr: 8, temp: 39 })
    go(120, { spo2: 90, pr: 50, rr: 30, temp: 36 })
    expect(log).toEqual([])
  })

  it('takes a rate of zero as apnoea, at once and once', () => {
    const { for: go, open, told } = openBook()
    go(3, { rr: 14 })
    go(10, { rr: 0 })
    expect(open()).toEqual(['apnoea active high'])
    expect(told()).toEqual(['apnoea'])
  })

  it('never silences one alarm with the acknowledgement of another', () => {
    const { for: go, book, open, now } = openBook()
    go(11, { spo2: 85, pr: 130 })
    const [low] = [...book.all()].filter((a) => a.condition === 'low:spo2')
    expect(book.acknowledge(low?.alarmId ?? '', { atMs: now(), by: nurse, seenVersion: 1, note: null })).toBeUndefined()
    expect(open()).toEqual(['high:pr active medium', 'low:spo2 acknowledged high'])
  })

  it('breaks a pause of the audio with a new or a worse condition, but not audio off', () => {
    const { for: go, book, now } = openBook()
    go(11, { spo2: 85 })
    book.changeAudio('stay:s1', { type: 'pause', atMs: now(), forMs: 120_000, by: nurse, why: null })
    go(5, { spo2: 85 })
    expect(book.audio('stay:s1')).toMatchObject({ mode: 'paused', by: 'li' })
    go(1, { spo2: 82 })
    expect(book.audio('stay:s1').mode).toBe('on')
    book.changeAudio('stay:s1', { type: 'off', atMs: now(), by: nurse, why: 'family asked' })
    go(10, { spo2: 75 })
    expect(book.audio('stay:s1')).toMatchObject({ mode: 'off', why: 'family asked' })
  })

  it('lets a pause end by itself after two minutes', () => {
    const { book, wait, now } = openBook()
    book.changeAudio('stay:s1', { type: 'pause', atMs: now(), forMs: 120_000, by: nurse, why: null })
    wait(119_999)
    expect(book.audio('stay:s1').mode).toBe('paused')
    wait(1)
    expect(book.audio('stay:s1')).toMatchObject({ ...audioOn, n: 2, sinceMs: now() })
  })

  it('says that a signal stopped: low after a minute, medium after five more, and is glad when it is back', () => {
    const { for: go, wait, open } = openBook()
    go(5, { temp: 37, spo2: 97, pr: 70 })
    wait(59_000)
    expect(open()).toEqual([])
    wait(1_000)
    expect(open()).toEqual(['no_data:spo2 active low', 'no_data:temp active low'])
    wait(300_000)
    expect(open()).toEqual(['no_data:spo2 active medium', 'no_data:temp active medium'])
    go(1, { temp: 37, spo2: 97, pr: 70 })
    wait(100)
    expect(open()).toEqual([])
  })

  it('a sensor that warms up for ever, its supply breaking down again and again, is silence', () => {
    const { for: go, wait, open } = openBook()
    go(5, { temp: 37, spo2: 97 })
    go(65, { temp: 37 }, { x: { spo2: 'warmup' } })
    wait(1)
    expect(open()).toEqual(['no_data:spo2 active low'])
  })

  it('ends at the highest value there is, where the limit is so high that no value could be further inside', () => {
    const decided = { by: 'roy', role: 'clinician', atMs: T, why: 'newborn', untilMs: null }
    const { for: go, open } = openBook(stay('s1', {}, { ...defaultStayLimits, changes: { 'low:spo2': { ...decided, limit: { value: 99, delayMs: 10_000, priority: 'medium' } } } }))
    go(11, { spo2: 98 })
    expect(open()).toEqual(['low:spo2 active medium'])
    go(7, { spo2: 100 })
    expect(open()).toEqual([])
  })

  it('a bed behind a lost link is in the log, tells nobody, and says nothing of its single signals when it is back', () => {
    const { for: go, wait, open, told, book, log, now } = openBook()
    go(5, { temp: 37, spo2: 97, pr: 70 })
    book.cover('stay:s1', 'device_lost', now(), 30)
    wait(200_000)
    expect(open()).toEqual([])
    expect(log.map(({ what }) => what)).toEqual(['began'])
    book.judge('stay:s1', 'device_lost', false, now())
    book.listenForSilence(now(), { hearsSinceMs: now, patienceMs: () => 0 })
    expect(told()).toEqual([])
    expect(log.map(({ what }) => what)).toEqual(['began', 'cancelled'])
  })

  it('raises one alarm for a probe that is off, not one per signal of it', () => {
    const { for: go, open } = openBook()
    go(3, { spo2: 97, pr: 70 })
    go(11, {}, { x: { spo2: 'off', pr: 'off', pi: 'off' } })
    expect(open()).toEqual(['probe_off:spo2 active low'])
    go(5, { spo2: 97, pr: 70 })
    expect(open()).toEqual([])
  })

  it('drops a pending alarm when the finger leaves the probe', () => {
    const { for: go, told } = openBook()
    go(5, { spo2: 80.5 })
    go(8, {}, { x: { spo2: 'off' } })
    expect(told()).toEqual([])
  })

  it('tells a poor signal, a fault and a weak battery', () => {
    const { for: go, open } = openBook()
    go(62, { spo2: 97, batt: 9 }, { q: { spo2: 'motion' }, x: { temp: 'fault' } })
    expect(open()).toEqual(['low_battery active medium', 'poor_signal:spo2 active low', 'sensor_fault:temp active low'])
  })

  it('keeps quiet about a limit that is switched off, and withdraws its alarm', () => {
    const { for: go, book, open, now, log } = openBook()
    go(11, { spo2: 85 })
    book.watch(stay('s1', { off: new Set(['low:spo2']), limits: { ...limitsInForce(defaultStayLimits, T), 'low:spo2': null } }), now())
    expect(open()).toEqual([])
    expect(log.at(-1)).toMatchObject({ what: 'withdrawn', why: 'no longer watched' })
    go(20, { spo2: 85 })
    expect(open()).toEqual([])
  })

  it('forgets what another device measured', () => {
    const { for: go, book, wait, open, now } = openBook()
    go(11, { spo2: 85 })
    book.watch(stay('s1', { place: { ...stay().place, deviceId: 'd2' } }), now())
    wait(120_000)
    expect(open()).toEqual([])
  })

  it('scores NEWS2 from what it hears, as a lower bound, and alarms at 5 and higher at 7', () => {
    const { for: go, book, open, now, wait } = openBook(stay('s1', { typed: { consciousness: { value: 'A', atMs: T }, oxygen: { value: true, atMs: T } } }))
    const minute = () => { for (let i = 0; i < 13; i++) { go(5, { rr: 22, spo2: 95, pr: 95, temp: 37 }); book.score(now()) } }
    minute()
    expect(book.news2('stay:s1')).toMatchObject({ total: 6, missing: ['sys'], complete: false })
    expect(open()).toEqual(['news2 active medium'])
    for (let i = 0; i < 3; i++) { go(1, { rr: 26, spo2: 93, pr: 95, temp: 37 }); book.score(now()) }
    expect(open()).toEqual(['news2 active high'])
    wait(0)
  })

  it('ends an alarm of the score on a ward that never takes blood pressure, and not because an input fell away', () => {
    const ill = { rr: 26, spo2: 95, pr: 95, temp: 37 }
    const well = { rr: 14, spo2: 97, pr: 75, temp: 37 }
    const ward = (first: AlarmSample['values'], then: AlarmSample['values'], quality: AlarmSample['quality'] = {}, typed: WatchedSubject['typed'] = {}) => {
      const { book, for: go, open, now } = openBook(stay('s1', { typed }))
      const minutes = (n: number, values: AlarmSample['values'], q: AlarmSample['quality'] = {}) => { for (let i = 0; i < n * 12; i++) { go(5, values, q); book.score(now()) } }
      minutes(2, first)
      const [alarm] = [...book.all()].filter(({ condition }) => condition === 'news2')
      expect(book.acknowledge(alarm?.alarmId ?? '', { atMs: now(), by: nurse, seenVersion: alarm?.state.version ?? 0, note: null })).toBeUndefined()
      minutes(6, then, quality)
      return open().filter((line) => line.startsWith('news2')).map((line) => line.split(' ')[0])
    }
    expect(ward(ill, well)).toEqual([])
    expect(ward(ill, { spo2: 95, pr: 95, temp: 37 }, { x: { rr: 'off' } })).toEqual(['news2'])
    // Typed in almost four hours ago, and soon too old to count.
    const fast = { ...well, rr: 22 }
    expect(ward(fast, fast, {}, { sys: { value: 88, atMs: T - 4 * 3_600_000 + 180_000 } })).toEqual(['news2'])
  })

  it('watches too much oxygen only while oxygen is given', () => {
    const copd: StayLimits = { ...defaultStayLimits, profile: 'copd' }
    const air = openBook(stay('s1', {}, copd))
    air.for(70, { spo2: 97 })
    expect(air.open()).toEqual([])
    const oxygen = openBook(stay('s1', { typed: { oxygen: { value: true, atMs: T } } }, copd))
    oxygen.for(70, { spo2: 97 })
    expect(oxygen.open()).toEqual(['high:spo2 active low'])
  })

  it('judges a rate of change only when a limit for it is set', () => {
    const calm = openBook()
    const keen = openBook(stay('s1', { limits: { ...limitsInForce(defaultStayLimits, T), 'rate:spo2': { value: 4, delayMs: 2_000, priority: 'medium' } } }))
    for (const ward of [calm, keen]) {
      ward.for(30, { spo2: 98 })
      ward.for(10, { spo2: 93 })
    }
    expect([calm.open(), keen.open()]).toEqual([[], ['rate:spo2 active medium']])
  })

  it('names an alarm by what it is about and when it began: two engines agree', () => {
    const [one, two] = [openBook(), openBook()]
    for (const ward of [one, two]) ward.for(11, { spo2: 85 })
    expect(one.log).toEqual(two.log)
    expect(one.log[0]).toMatchObject({ id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/) })
  })
})

describe('a restart', () => {
  it.each(['pending', 'active', 'acknowledged', 'paused', 'monitoring paused', 'latched'])('while %s leaves the very same book, its timers running on', (what) => {
    const before = openBook()
    before.for(what === 'pending' ? 5 : 11, { spo2: 85 })
    const id = [...before.book.all()][0]?.alarmId ?? ''
    if (what === 'acknowledged') before.book.acknowledge(id, { atMs: before.now(), by: nurse, seenVersion: 1, note: 'with her' })
    if (what === 'paused') before.book.changeAudio('stay:s1', { type: 'pause', atMs: before.now(), forMs: 120_000, by: nurse, why: null })
    if (what === 'monitoring paused') before.book.changeMonitoring('stay:s1', { type: 'pause', atMs: before.now(), forMs: 180_000, by: nurse, why: 'bath' })
    if (what === 'latched') before.for(10, { spo2: 97 })
    const log: AlarmLogRecord[] = []
    const after = new AlarmBook((record) => log.push(record))
    after.watch(stay(), before.now())
    after.restore(JSON.parse(JSON.stringify(before.log)) as AlarmLogRecord[])
    expect([...after.all()]).toEqual([...before.book.all()])
    expect(after.monitoring('stay:s1')).toEqual(before.book.monitoring('stay:s1'))
    expect(after.audio('stay:s1')).toEqual(before.book.audio('stay:s1'))
    expect(log).toEqual([])
    const seen = before.log.length
    for (const at of [1_000, 8_000, 61_000, 121_000, 181_000]) {
      before.book.tick(before.now() + at)
      after.tick(before.now() + at)
    }
    expect(log).toEqual(before.log.slice(seen))
    if (what !== 'latched') expect(log.length).toBeGreaterThan(0)
  })
})
