import { type AlarmActor, AlarmBook, type AlarmLogRecord, defaultStayLimits, limitsInForce, type WatchedSubject } from '@vigil/contract/alarms'
import { AlarmLedger, type Written } from '../../../central-station/src/alarms/log/ledger-of-alarms.ts'
import { alwaysOk } from '../../../central-station/test/support/world.ts'
import { chance as seeded, type Chance } from './seeded.ts'
import { type Life, type VirtualTime, virtualTime } from './virtual-time.ts'

export const alarmFaults = ['sample_lost', 'sample_doubled', 'sample_late', 'engine_crashed', 'disk_slow', 'disk_hung', 'log_away', 'acknowledged'] as const
export type AlarmFault = (typeof alarmFaults)[number]

export interface AlarmVerdict {
  readonly seed: number
  readonly broken: string | undefined
  readonly count: Record<AlarmFault, number>
  readonly announced: number
  readonly restarts: number
}

/** A rule of the alarm engine broken on purpose, which the simulation must notice. */
export type AlarmMutant = 'tells_before_it_writes' | 'forgets_acknowledgements'

const PLAY_MS = 240_000
const TICK_MS = 200
const SAMPLE_MS = 1_000
/** Onset of a low saturation, and what a second's grid and a late sample add. */
const ANNOUNCED_WITHIN_MS = 16_000
const LOW = 90
const KEY = 'stay:s1'
const CONDITION = 'low:spo2'
const nurse: AlarmActor = { user: 'li', role: 'nurse', origin: '' }

interface Engine {
  readonly life: Life
  readonly book: AlarmBook
  readonly ledger: AlarmLedger
  readonly sinceMs: number
}

/** The real alarm book and its ledger, between samples that get lost, a disk that is slow and an engine that is killed. */
export class AlarmWard {
  readonly count = Object.fromEntries(alarmFaults.map((kind) => [kind, 0])) as Record<AlarmFault, number>
  readonly #seed: number
  readonly #mutant: AlarmMutant | undefined
  readonly #time: VirtualTime = virtualTime()
  readonly #chance: Chance
  readonly #always: Life = { alive: true }
  /** What is on the disk, and the newest line of each alarm somebody was told of once it was there. */
  readonly #disk: AlarmLogRecord[] = []
  readonly #told = new Map<string, number>()
  readonly #announced = new Set<string>()
  #hung = false
  #diskFreeAtMs = 0
  /** When the write that outlives a killed engine is over: the system lets no process go, and starts none anew, before. */
  #landedAtMs = 0
  #saturation = 97
  #lowSinceMs: number | undefined
  #heardLow = 0
  #engine: Engine | undefined
  #restarts = 0
  #broken: string | undefined

  constructor(seed: number, mutant?: AlarmMutant) {
    this.#seed = seed
    this.#mutant = mutant
    this.#chance = seeded(seed)
  }

  async run(): Promise<AlarmVerdict> {
    this.#start()
    this.#every(SAMPLE_MS, SAMPLE_MS, () => this.#measure())
    this.#every(4_000, 25_000, () => this.#crash())
    this.#every(3_000, 15_000, () => this.#acknowledge())
    this.#every(8_000, 30_000, () => this.#hang())
    await this.#time.runTo(PLAY_MS, () => this.#lookForSilence())
    return { seed: this.#seed, broken: this.#broken, count: this.count, announced: this.#announced.size, restarts: this.#restarts }
  }

  #strikes(kind: AlarmFault, probability: number): boolean {
    if (!this.#chance.happens(probability)) return false
    this.count[kind]++
    return true
  }

  #every(low: number, high: number, run: () => void, life: Life = this.#always): void {
    this.#time.after(this.#chance.between(low, high), life, () => {
      this.#every(low, high, run, life)
      run()
    })
  }

  #start(): void {
    const life: Life = { alive: true }
    const clock = this.#time.clockOf(life)
    const records = [...this.#disk]
    const ledger = new AlarmLedger({
      openLog: { records, append: (lines) => this.#append(lines, life), close: async () => undefined },
      journal: { append: async () => (this.#strikes('log_away', 0.1) ? Promise.reject(new RangeError('away')) : undefined), drain: async () => undefined, depth: () => 0, rejected: () => 0, stop: async () => undefined },
      health: alwaysOk,
      maySpeak: () => true,
      clock,
      onWritten: (written) => life.alive && this.#tell(written),
      onUnwritten: () => undefined,
    })
    const book = new AlarmBook(ledger.take)
    book.watch(watched(clock.now()), clock.now())
    book.restore(records)
    this.#engine = { life, book, ledger, sinceMs: this.#time.elapsedMs }
    this.#compare(book)
    this.#every(TICK_MS, TICK_MS, () => {
      book.tick(clock.now())
      void ledger.flush()
    }, life)
  }

  #crash(): void {
    if (!this.#engine) return
    this.count.engine_crashed++
    this.#engine.life.alive = false
    this.#diskFreeAtMs = 0
    this.#engine = undefined
    this.#time.after(Math.max(this.#chance.between(300, 5_000), this.#landedAtMs - this.#time.elapsedMs + 1), this.#always, () => {
      this.#restarts++
      this.#start()
    })
  }

  /** One write after the other. The one that was under way when the engine died may have come as far as the disk or not; those behind it have not. */
  #append(lines: readonly AlarmLogRecord[], life: Life): Promise<void> {
    const kept = this.#mutant === 'forgets_acknowledgements' ? lines.filter(({ to }) => to !== 'acknowledged') : lines
    const tookMs = this.#hung ? 3_000 : this.#strikes('disk_slow', 0.1) ? this.#chance.between(20, 200) : 1
    const now = this.#time.elapsedMs
    const isFirst = this.#diskFreeAtMs <= now
    this.#diskFreeAtMs = Math.max(now, this.#diskFreeAtMs) + tookMs
    const outlives = isFirst && this.#chance.happens(0.5)
    if (outlives) this.#landedAtMs = this.#diskFreeAtMs
    return new Promise((resolve) => {
      this.#time.after(this.#diskFreeAtMs - now, outlives ? this.#always : life, () => {
        this.#disk.push(...kept)
        resolve()
      })
      if (this.#mutant === 'tells_before_it_writes') resolve()
    })
  }

  /** For a while the disk takes longer than an alarm may wait: what is told then is not on it yet. */
  #hang(): void {
    if (!this.#chance.happens(0.3)) return
    this.count.disk_hung++
    this.#hung = true
    this.#time.after(4_000, this.#always, () => {
      this.#hung = false
    })
  }

  #tell(written: readonly Written[]): void {
    for (const { record } of written) {
      if (record.stream !== 'alarm') continue
      if (record.what === 'announced') {
        if (this.#told.has(record.alarmId)) this.#fail(`${record.alarmId} was announced twice`)
        this.#announced.add(record.alarmId)
      }
      // Told without the disk, as a disk that hangs allows: nothing is promised of it after a crash.
      if (this.#promises() && isSeenBySomebody(record)) this.#told.set(record.alarmId, Math.max(record.n, this.#told.get(record.alarmId) ?? 0))
    }
  }

  #promises(): boolean {
    return this.#mutant === 'tells_before_it_writes' || this.#diskFreeAtMs <= this.#time.elapsedMs
  }

  /** After a restart: whatever somebody was told is still so, or something later is. */
  #compare(book: AlarmBook): void {
    for (const [id, n] of this.#told) {
      const last = this.#disk.filter((record) => record.stream === 'alarm' && record.alarmId === id).at(-1)
      if (!last || last.n < n) return this.#fail(`line ${n} of ${id} was told and is not on the disk`)
      const held = book.held(id)
      if (last.to === 'normal' ? held !== undefined : held?.state.phase !== last.to) return this.#fail(`${id} was ${last.to} and is ${held?.state.phase ?? 'gone'} after a restart`)
    }
  }

  #measure(): void {
    const drift = this.#chance.between(-3, 3)
    this.#saturation = Math.max(80, Math.min(98, this.#saturation + drift))
    if (this.#saturation >= LOW) this.#lowSinceMs = undefined
    else this.#lowSinceMs ??= this.#time.elapsedMs
    const value = this.#saturation
    if (this.#strikes('sample_lost', 0.05)) return void (this.#lowSinceMs = value < LOW ? this.#time.elapsedMs : undefined)
    const late = this.#strikes('sample_late', 0.05) ? this.#chance.between(100, 900) : 5
    for (let times = this.#strikes('sample_doubled', 0.05) ? 2 : 1; times > 0; times--) this.#time.after(late, this.#always, () => this.#hear(value))
  }

  #hear(value: number): void {
    if (!this.#engine) return
    const { book, ledger } = this.#engine
    this.#heardLow = value < LOW ? this.#heardLow + 1 : 0
    book.sample(KEY, { values: { spo2: value }, quality: {}, atMs: this.#now(), measuredMs: this.#now() })
    void ledger.flush()
  }

  #acknowledge(): void {
    const engine = this.#engine
    const open = engine && [...engine.book.all()].find(({ state }) => state.phase === 'active')
    if (!engine || !open) return
    if (engine.book.acknowledge(open.alarmId, { atMs: this.#now(), by: nurse, seenVersion: open.state.version, note: null }) === undefined) this.count.acknowledged++
    void engine.ledger.flush()
  }

  /** A saturation that is low and heard of for long enough has its alarm, whatever was killed before. */
  #lookForSilence(): void {
    const engine = this.#engine
    if (!engine || this.#lowSinceMs === undefined) return
    const sinceMs = Math.max(this.#lowSinceMs, engine.sinceMs)
    if (this.#time.elapsedMs - sinceMs < ANNOUNCED_WITHIN_MS || this.#heardLow < ANNOUNCED_WITHIN_MS / SAMPLE_MS - 2) return
    if (!engine.book.isOpen(KEY, CONDITION)) this.#fail(`a saturation of ${this.#saturation} has no alarm after ${this.#time.elapsedMs - sinceMs} ms`)
  }

  #now(): number {
    return this.#time.clockOf(this.#always).now()
  }

  #fail(why: string): void {
    this.#broken ??= why
  }
}

function isSeenBySomebody({ what, to }: AlarmLogRecord): boolean {
  return what === 'announced' || to === 'acknowledged'
}

function watched(atMs: number): WatchedSubject {
  return {
    subject: { kind: 'stay', id: 's1' },
    place: { site: 'main', wardId: 'w', bedId: 'b1', stayId: 's1', deviceId: 'd1', mode: 'real' },
    limits: limitsInForce(defaultStayLimits, atMs),
    off: new Set(),
    rules: { reAlarmMs: 180_000 },
  }
}
