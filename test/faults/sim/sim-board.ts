import { checkReceipt, type Receipt, topicOf } from '@vigil/contract'
import { createSpool, memorySpoolStore, type NewRecord, type Spool, type SpoolStore } from '@vigil/edge-agent'
import type { FaultCount } from './faults.ts'
import type { Chance } from './seeded.ts'
import type { Boarding, SimBroker } from './sim-broker.ts'
import type { Life, VirtualTime } from './virtual-time.ts'
import type { Mutant } from './mutants.ts'

export interface SimBoardOptions {
  readonly device: string
  readonly broker: SimBroker
  readonly time: VirtualTime
  readonly chance: Chance
  readonly count: FaultCount
  readonly mutant: Mutant
  readonly capacity: number
}

/** What a board recorded under a number. */
export interface Produced {
  readonly kind: 'sample' | 'event' | 'poison'
  readonly content: string
}

const CONNECT_AFTER = { first: 200, last: 3_000 }

/** The board's real spool on a store that can be pulled the plug of, and a link to the simulated broker. */
export class SimBoard implements Boarding {
  readonly device: string
  readonly epoch: string
  readonly produced = new Map<number, Produced>()
  readonly store: CrashableStore
  spool: Spool
  clock: ReturnType<VirtualTime['clockOf']>
  readonly #options: SimBoardOptions
  #life: Life = { alive: true }
  #connected = false
  #connection = 0
  #made = 0

  constructor(options: SimBoardOptions) {
    this.#options = options
    this.device = options.device
    this.epoch = `e-${options.device}`
    this.store = crashableStore(this.epoch, options)
    this.clock = options.time.clockOf(this.#life)
    this.spool = this.#start()
    this.#comeBack()
  }

  /** Measures once; a board whose plug is pulled in the middle starts again and knows what the store has. */
  produce(kind: Produced['kind'], value: number, plugPulled = 0): void {
    this.#made++
    this.store.faults.pulled = plugPulled
    const content = kind === 'event' ? String(this.#made) : String(Math.round(value))
    const fields = kind === 'event' ? { ev: 'probe_off', ph: 'once', data: { made: this.#made } } : { m: { pr: value } }
    const before = this.store.lastSeq()
    try {
      this.spool.record([{ kind: kind === 'event' ? 'event' : 'sample', time: { t: this.clock.now() }, fields }])
    } catch (error) {
      if (!(error instanceof PlugPulled)) throw error
      this.crash()
    }
    this.store.faults.pulled = 0
    // Making room may have cost a number for a gap of its own before or after.
    for (const record of this.store.read({ from: before + 1, to: this.store.lastSeq(), limit: 10 })) if (record.kind !== 'gap') this.produced.set(record.seq, { kind, content })
  }

  receive(_topic: string, payload: string): void {
    const checked = checkReceipt(JSON.parse(payload))
    if (checked.ok) this.spool.receipt(this.#read(checked.value))
  }

  disconnected(): void {
    if (!this.#connected) return
    this.#connected = false
    this.#connection++
    this.spool.offline()
    this.#comeBack()
  }

  cut(): void {
    if (!this.#connected) return
    this.#options.count.device_cut++
    this.#options.broker.leave(this.device, this)
    this.disconnected()
  }

  /** The plug is pulled and put back. */
  crash(): void {
    this.#options.count.device_crashed++
    this.#options.broker.leave(this.device, this)
    this.#connected = false
    this.#connection++
    this.#life.alive = false
    this.#life = { alive: true }
    this.clock = this.#options.time.clockOf(this.#life)
    this.store.crash()
    this.spool = this.#start()
    this.#comeBack()
  }

  connectNow(): void {
    if (this.#connected) return
    this.#connected = true
    this.#connection++
    const { broker } = this.#options
    broker.board(this.device, this)
    const upto = this.spool.status().upto
    broker.publish(topicOf(this.#address(), 'state'), JSON.stringify({ st: 'online', e: this.epoch, upto }), () => {}, true)
    this.spool.online()
  }

  #address() {
    return { site: 'main', device: this.device }
  }

  #start(): Spool {
    const { broker, chance, mutant } = this.#options
    return createSpool({
      store: this.store,
      clock: this.clock,
      random: () => chance.next(),
      settings: { window: 60, liveReserve: 6, dropAtOnce: 8 },
      time: () => ({ t: this.clock.now() }),
      wallTimeAt: () => undefined,
      transport: {
        publish: (lane, payload, settled) => {
          const connection = this.#connection
          const numbers = [JSON.parse(payload) as { s: number }].flat().map(({ s }): [number, number] => [s, s])
          broker.publish(topicOf(this.#address(), lane), payload, () => {
            if (connection !== this.#connection) return
            settled()
            if (mutant.pubackFrees) this.spool.receipt({ e: this.epoch, upto: 0, have: numbers })
          })
        },
      },
    })
  }

  #comeBack(): void {
    const { time, chance } = this.#options
    time.after(chance.between(CONNECT_AFTER.first, CONNECT_AFTER.last), this.#life, () => this.connectNow())
  }

  #read(receipt: Receipt): Receipt {
    const last = receipt.have?.at(-1)?.[1]
    if (this.#options.mutant.rewindForgotten) return { ...receipt, upto: Math.max(receipt.upto, this.spool.status().upto) }
    return this.#options.mutant.receiptStretched && last !== undefined ? { e: receipt.e, upto: last } : receipt
  }
}

class PlugPulled extends Error {}

export interface CrashableStore extends SpoolStore {
  /** Forgets what was not durable yet: receipts saved since the last append. */
  crash(): void
  /** Chances per append. */
  readonly faults: { pulled: number; full: number }
}

/** After a crash a store holds what `append` had returned for, and perhaps the batch under way. */
function crashableStore(epoch: string, { capacity, chance, count }: SimBoardOptions): CrashableStore {
  const inner = memorySpoolStore({ epoch, capacity })
  const faults = { pulled: 0, full: 0 }
  let unsaved: ReturnType<SpoolStore['covered']> | undefined
  const save = (): void => {
    if (unsaved) inner.saveCovered(unsaved)
    unsaved = undefined
  }
  return {
    ...inner,
    faults,
    covered: () => unsaved ?? inner.covered(),
    saveCovered: (covered) => {
      unsaved = [...covered]
    },
    append(batch: readonly NewRecord[]) {
      if (chance.happens(faults.full)) {
        count.device_disk_full++
        return undefined
      }
      if (chance.happens(faults.pulled)) {
        if (chance.happens(0.5)) inner.append(batch)
        count.device_tail_lost++
        throw new PlugPulled()
      }
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
