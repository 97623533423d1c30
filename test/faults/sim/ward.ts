import { POISON_RATE, sound } from './database-faults.ts'
import { type FaultCount, type FaultKind, noFaultsYet } from './faults.ts'
import { Broken, Invariants } from './invariants.ts'
import { asItIs, type Mutant } from './mutants.ts'
import { type Chance, chance as seeded } from './seeded.ts'
import { SimBoard } from './sim-board.ts'
import { SimBridge } from './sim-bridge.ts'
import { calm, SimBroker } from './sim-broker.ts'
import { SimDatabase } from './sim-database.ts'
import { Tables } from './tables.ts'
import { type Life, type VirtualTime, virtualTime } from './virtual-time.ts'

export interface Verdict {
  readonly seed: number
  /** The rule that was broken, if one was. */
  readonly broken: string | undefined
  readonly count: FaultCount
  readonly produced: number
  readonly steps: number
}

const TROUBLE_MS = 20_000
const HEAL_MS = 600_000
const LONGEST_DELAY_MS = 5_000
const LOOK_EVERY_MS = 2_000
/** Steps between two looks at how full everything is. */
const BOUNDS_EVERY = 10
const HOUR_MS = 3_600_000
/** By the seed, not by its chance: what a seed does otherwise stays what it was. */
const MOST_RANGES = [2, 1_024, 6]
const RESTART_AFTER_MS = { first: 100, last: 2_000 }

/** A whole ward in one seed: boards, broker, bridges, database, and what goes wrong with them. */
export class SimWard {
  readonly seed: number
  readonly count = noFaultsYet()
  readonly #time: VirtualTime = virtualTime()
  readonly #chance: Chance
  readonly #broker: SimBroker
  readonly #database: SimDatabase
  readonly #boards: readonly SimBoard[]
  readonly #invariants: Invariants
  readonly #limit: number
  /** Ranges a ledger row may have before it is folded. */
  readonly #ranges: number
  readonly #life: Life = { alive: true }
  #bridges: SimBridge[] = []
  #made = 0
  #steps = 0
  #snapshot: Tables | undefined

  constructor(seed: number, mutant: Partial<Mutant> = {}) {
    this.seed = seed
    const chance = seeded(seed)
    const parts = { time: this.#time, chance, count: this.count, mutant: { ...asItIs, ...mutant } }
    this.#chance = chance
    this.#broker = new SimBroker(parts)
    this.#database = new SimDatabase(parts)
    // Small numbers, so that windows, rooms and rings are really full now and then.
    this.#limit = chance.pick([20, 200, 20_000])
    this.#ranges = MOST_RANGES[seed % MOST_RANGES.length] ?? 0
    const devices = ['bed-1', 'bed-2', 'bed-3'].slice(0, chance.between(1, 3))
    for (const [i, device] of devices.entries()) this.#database.devices.set(device, { no: i + 1, site: 'main' })
    this.#boards = devices.map((device) => new SimBoard({ ...parts, device, broker: this.#broker, capacity: chance.pick([30, 100, 100_000]) }))
    this.#invariants = new Invariants(this.#database, this.#boards)
    for (let i = chance.between(1, 2); i > 0; i--) this.#startBridge()
  }

  async run(): Promise<Verdict> {
    let broken: string | undefined
    try {
      this.#plan()
      await this.#runTo(TROUBLE_MS)
      await this.#heal()
      this.#invariants.atTheEnd()
      await this.#expectCounted()
    } catch (error) {
      if (!(error instanceof Broken)) throw error
      broken = error.message
    }
    return { seed: this.seed, broken, count: this.count, produced: this.#boards.reduce((sum, { produced }) => sum + produced.size, 0), steps: this.#steps }
  }

  #plan(): void {
    for (const board of this.#boards) this.#every(100, 800, () => board.produce(...this.#measured(), this.#chance.happens(0.02) ? 1 : 0))
    const mishaps = this.#mishaps()
    this.#every(200, 2_000, () => this.#chance.pick(mishaps)())
    this.#every(1_000, 4_000, () => this.#weather())
  }

  #measured(): ['sample' | 'event' | 'poison', number] {
    if (this.#chance.happens(0.02)) return ['poison', POISON_RATE]
    return [this.#chance.happens(0.1) ? 'event' : 'sample', this.#chance.between(40, 180)]
  }

  /** Things that happen at one moment. */
  #mishaps(): readonly (() => void)[] {
    const { chance, board, bridge } = { chance: this.#chance, board: () => this.#chance.pick(this.#boards), bridge: () => this.#chance.pick(this.#bridges) }
    const restart = (old: SimBridge) => {
      this.count.bridge_crashed++
      old.crash()
      this.#bridges = this.#bridges.filter((one) => one !== old)
      this.#after(() => this.#startBridge())
    }
    return [
      () => board().cut(),
      () => board().crash(),
      () => restart(bridge() ?? this.#startBridge()),
      () => this.#broker.crash(),
      () => this.#happened('bridge_cut', () => bridge()?.source.disconnected()),
      () => this.#happened('device_clock_jumped', () => board().clock.step(chance.pick([-HOUR_MS, HOUR_MS]))),
      () => this.#happened('bridge_clock_jumped', () => bridge()?.clock.step(chance.pick([-HOUR_MS, HOUR_MS]))),
      () => this.#happened('database_crashed', () => this.#database.crash()),
      () => (this.#snapshot = new Tables(this.#database.tables)),
      () => this.#failOver(),
    ]
  }

  /** How bad everything is for the next seconds. */
  #weather(): void {
    const chance = this.#chance
    const some = (most: number) => (chance.happens(0.4) ? chance.next() * most : 0)
    this.#broker.faults = { lost: some(0.4), doubled: some(0.4), receiptLost: some(0.5), delayMs: chance.happens(0.3) ? chance.pick([50, 500, LONGEST_DELAY_MS]) : 0 }
    this.#database.faults = { slow: some(0.3), hung: some(0.02), lost: some(0.1), replyLost: some(0.2), refused: some(0.2), diskFull: some(0.3), down: chance.happens(0.1), readOnly: chance.happens(0.08) }
    for (const board of this.#boards) board.store.faults.full = chance.happens(0.1) ? chance.between(1, 5) / 10 : 0
  }

  async #heal(): Promise<void> {
    this.#life.alive = false
    this.#broker.faults = calm()
    this.#database.faults = sound()
    for (const board of this.#boards) board.store.faults.full = 0
    this.#database.crash()
    if (this.#bridges.length === 0) this.#startBridge()
    // What is still delayed on the old network arrives before the last connection is made.
    await this.#runTo(TROUBLE_MS + LONGEST_DELAY_MS + 1_000)
    // Half of them stay connected: a database that went back must be told to them, too.
    for (const board of this.#boards) if (this.#chance.happens(0.5)) board.cut()
    // Boards go on measuring: what comes now shows those that stayed connected whether the database still has the rest.
    for (const board of this.#boards) this.#time.after(LOOK_EVERY_MS, { alive: true }, () => board.produce('sample', 99))
    await this.#runTo(this.#time.elapsedMs + 2 * LOOK_EVERY_MS)
    const until = this.#time.elapsedMs + HEAL_MS
    const waiting = () => this.#boards.some(({ spool }) => spool.status().unsent > 0) || this.#bridges.some((bridge) => bridge.waiting() > 0)
    do await this.#runTo(this.#time.elapsedMs + LOOK_EVERY_MS)
    while (this.#time.elapsedMs < until && waiting())
    await this.#runTo(this.#time.elapsedMs + LOOK_EVERY_MS)
  }

  /** What came in and what became of it add up, bridge by bridge: nothing is dropped without being counted. */
  async #expectCounted(): Promise<void> {
    for (const bridge of this.#bridges) {
      const [received, committed, duplicates, dead, abandoned] = await Promise.all(['received_total', 'committed_total', 'duplicates_total', 'dead_letters_total', 'abandoned_total'].map((name) => bridge.figure(name)))
      const accounted = (committed ?? 0) + (duplicates ?? 0) + (dead ?? 0) + (abandoned ?? 0)
      if (received !== accounted) throw new Broken(`a bridge took ${received} objects and accounts for ${accounted}`)
      const refused = await bridge.figure('refused_total')
      if (refused !== bridge.source.released) throw new Broken(`a bridge turned ${bridge.source.released} messages away and counted ${refused}`)
    }
  }

  #failOver(): void {
    if (!this.#snapshot || !this.#chance.happens(0.8)) return
    this.#happened('failed_over', () => this.#database.failOver(this.#snapshot ?? new Tables()))
  }

  #startBridge(): SimBridge {
    const bridge = new SimBridge({
      id: `bridge-${++this.#made}`,
      broker: this.#broker,
      database: this.#database,
      time: this.#time,
      chance: this.#chance,
      limits: { objects: this.#limit, bytes: 1_000_000, ranges: this.#ranges },
      onReceipt: (device, receipt) => this.#invariants.receipted(device, receipt),
    })
    this.#bridges.push(bridge)
    return bridge
  }

  #happened(kind: FaultKind, what: () => void): void {
    this.count[kind]++
    what()
  }

  #after(run: () => void): void {
    this.#time.after(this.#chance.between(RESTART_AFTER_MS.first, RESTART_AFTER_MS.last), { alive: true }, run)
  }

  #every(low: number, high: number, run: () => void): void {
    const again = () => this.#time.after(this.#chance.between(low, high), this.#life, () => {
      run()
      again()
    })
    again()
  }

  #runTo(ms: number): Promise<void> {
    return this.#time.runTo(ms, () => {
      this.#steps++
      this.#invariants.feedGrew()
      this.#invariants.afterStep()
      if (this.#steps % BOUNDS_EVERY === 0) this.#invariants.bounds(this.#bridges.map((bridge) => bridge.waiting()), this.#limit)
    })
  }
}
