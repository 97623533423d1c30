import { type ManualClock, manualClock } from '@vigil/contract/testing/manual-clock'
import { memorySpoolStore } from '../../src/spool/memory-spool-store.ts'
import { createSpool, type Recordable, type Spool, type SpoolLane, type SpoolSettings } from '../../src/spool/protocol.ts'
import type { RollUp } from '../../src/spool/roll-up.ts'
import type { SpoolStore } from '../../src/spool/spool-store.ts'
import { type ModelServer, modelServer } from '../support/model-server.ts'

export interface Faults {
  /** Chance that a message, or a receipt, is lost on a connection that stands; the sender still gets its PUBACK. */
  loss: number
  duplicate: number
  /** Longest delay of a message, so that later ones overtake it. */
  delayMs: number
}

export const noFaults: Faults = { loss: 0, duplicate: 0, delayMs: 5 }

export interface WorldOptions {
  readonly random: () => number
  readonly capacity: number
  readonly settings?: Partial<SpoolSettings>
  /** One that loses nothing but unsaved receipts, unless told. */
  readonly store?: CrashableStore
  readonly rollUp?: RollUp
}

export const EPOCH = 'abcd0001'

/** One board, a network that loses, doubles, delays and cuts, and a server whose database stops and goes back. */
export class FaultyWorld {
  readonly clock: ManualClock = manualClock()
  readonly server: ModelServer = modelServer()
  readonly store: CrashableStore
  /** What the board produced, by number. */
  readonly produced = new Map<number, string>()
  /** Numbers under which it produced two different things. */
  readonly givenTwice: number[] = []
  readonly sent: { lane: SpoolLane; payload: string; atMs: number }[] = []
  readonly happened = { lost: 0, doubled: 0, cut: 0, crashed: 0, refusedByDatabase: 0, restored: 0, dropped: 0, resent: 0 }
  faults: Faults = { ...noFaults }
  databaseUp = true
  spool: Spool
  readonly #options: WorldOptions
  #connected = false
  #connectionNo = 0
  #made = 0

  constructor(options: WorldOptions) {
    this.#options = options
    this.store = options.store ?? crashableStore(options.capacity)
    this.spool = this.#start()
  }

  #start(): Spool {
    const { random, settings, rollUp } = this.#options
    return createSpool({
      store: this.store,
      ...(rollUp && { rollUp }),
      clock: this.clock,
      random,
      ...(settings && { settings }),
      time: () => ({ t: Math.round(this.clock.now()) }),
      wallTimeAt: () => undefined,
      transport: { publish: (lane, payload, settled) => this.#publish(lane, payload, settled) },
    })
  }

  produce(kind: Recordable['kind'], count = 1): void {
    for (let i = 0; i < count; i++) {
      this.#made += 1
      const fields = kind === 'sample' ? { m: { pr: this.#made } } : { ev: 'probe_off', ph: 'once', data: { made: this.#made } }
      const first = this.spool.record([{ kind, time: { t: Math.round(this.clock.now()) }, fields }])
      if (first === undefined) continue
      if (this.produced.has(first)) this.givenTwice.push(first)
      this.produced.set(first, JSON.stringify({ e: EPOCH, s: first, t: Math.round(this.clock.now()), ...fields }))
    }
  }

  connect(): void {
    if (this.#connected) return
    this.#connected = true
    this.#connectionNo += 1
    const upto = this.spool.status().upto
    this.spool.online()
    if (this.databaseUp) this.#deliverReceipt(() => this.server.answerOnline(EPOCH, upto))
  }

  cut(): void {
    if (!this.#connected) return
    this.happened.cut += 1
    this.#connected = false
    this.#connectionNo += 1
    this.spool.offline()
  }

  /** The board dies at this instant and starts again, offline. */
  crash(): void {
    this.cut()
    this.spool.offline()
    this.store.crash()
    this.happened.crashed += 1
    this.spool = this.#start()
  }

  /** The database goes back to an older state, as after a fail-over; the bridge notices and asks for the rest. */
  restore(back: () => void): void {
    back()
    this.happened.restored += 1
    if (this.#connected) this.#deliverReceipt(() => this.server.answerOnline(EPOCH, Number.MAX_SAFE_INTEGER))
  }

  #publish(lane: SpoolLane, payload: string, settled: () => void): void {
    this.sent.push({ lane, payload, atMs: this.clock.monotonic() })
    const connectionNo = this.#connectionNo
    const alive = (): boolean => connectionNo === this.#connectionNo
    this.#later(() => alive() && settled())
    if (this.#happens(this.faults.loss)) {
      this.happened.lost += 1
      return
    }
    const copies = this.#happens(this.faults.duplicate) ? 2 : 1
    if (copies === 2) this.happened.doubled += 1
    // What had left the board before a cut may still arrive: delivery does not depend on the connection.
    for (let i = 0; i < copies; i++) this.#later(() => this.#arrive(lane, payload))
  }

  #arrive(lane: SpoolLane, payload: string): void {
    if (!this.databaseUp) {
      this.happened.refusedByDatabase += 1
      return
    }
    this.server.receive(lane, payload)
    this.#deliverReceipt(() => this.server.receiptFor(EPOCH))
  }

  #deliverReceipt(receipt: () => ReturnType<ModelServer['receiptFor']>): void {
    const connectionNo = this.#connectionNo
    const content = receipt()
    if (this.#happens(this.faults.loss)) return
    // Receipts travel on one connection in order; a rewind must not be overtaken by an older receipt.
    this.clock.after(3, () => {
      if (connectionNo === this.#connectionNo && this.#connected) this.spool.receipt(content)
    })
  }

  #later(run: () => void): void {
    this.clock.after(1 + Math.floor(this.#options.random() * this.faults.delayMs), run)
  }

  #happens(chance: number): boolean {
    return this.#options.random() < chance
  }
}

export interface CrashableStore extends SpoolStore {
  /** Forgets what was not durable yet: the receipts saved since the last append. */
  crash(): void
}

function crashableStore(capacity: number): CrashableStore {
  const inner = memorySpoolStore({ epoch: EPOCH, capacity })
  let unsaved: ReturnType<SpoolStore['covered']> | undefined
  const save = (): void => {
    if (unsaved) inner.saveCovered(unsaved)
    unsaved = undefined
  }
  return {
    ...inner,
    covered: () => unsaved ?? inner.covered(),
    saveCovered: (covered) => {
      unsaved = [...covered]
    },
    append(batch) {
      save()
      return inner.append(batch)
    },
    exchange(gone, batch) {
      save()
      return inner.exchange(gone, batch)
    },
    drop(range, most) {
      save()
      return inner.drop(range, most)
    },
    crash: () => {
      unsaved = undefined
    },
  }
}
