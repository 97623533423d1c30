import { AppError, topicOf } from '@vigil/contract'
import { silentLog } from '@vigil/program'
import type { CommandFact, CommandStep } from '../../../central-station/src/commands/command.ts'
import { Commands } from '../../../central-station/src/commands/commands.ts'
import { isOpen } from '../../../central-station/src/commands/command-machine.ts'
import type { BrokerLink } from '../../../central-station/src/live/broker-link.ts'
import { createLiveHub, type LiveHub } from '../../../central-station/src/live/live-hub.ts'
import { deviceFact, memoryRegistry } from '../../../central-station/test/support/world.ts'
import { type CommandDesk, createCommandDesk } from '../../../edge-agent/src/commands/command-desk.ts'
import type { CommandMemory } from '../../../edge-agent/src/commands/command-machine.ts'
import { CommandRules } from './command-rules.ts'
import { chance as seeded, type Chance } from './seeded.ts'
import { type Life, type VirtualTime, virtualTime } from './virtual-time.ts'

export const commandFaults = ['lost', 'doubled', 'overtaken', 'puback_lost', 'device_cut', 'device_crashed', 'crashed_after_note', 'note_refused', 'station_crashed', 'database_away', 'cancelled'] as const
export type CommandFault = (typeof commandFaults)[number]

export interface CommandVerdict {
  readonly seed: number
  readonly broken: string | undefined
  readonly count: Record<CommandFault, number>
  readonly asked: number
  readonly executed: number
}

/** A rule of remote control broken on purpose, which the simulation must notice. */
export type CommandMutant = 'runs_when_late' | 'forgets_at_boot'

const DEVICE = 'd'
const EPOCH_MS = Date.UTC(2026, 2, 1)
const TROUBLE_MS = 120_000
const HEAL_MS = 400_000
const CAPS = { commands: [{ name: 'act', risk: 'low' as const, args: { type: 'object' as const } }] }

/** The real command desk of a board and the real commands of the central station, between a broker, a disk and a database that fail. */
export class CommandWard {
  readonly count = Object.fromEntries(commandFaults.map((kind) => [kind, 0])) as Record<CommandFault, number>
  readonly #seed: number
  readonly #mutant: CommandMutant | undefined
  readonly #time: VirtualTime = virtualTime()
  readonly #chance: Chance
  readonly #trouble: Life = { alive: true }
  /** What PostgreSQL has; steps come through the station's journal, which is on its disk. */
  readonly #stored = new Map<string, CommandFact>()
  readonly #rules = new CommandRules()
  #diskFreeAtMs = 0
  #asked = 0
  #device: { life: Life; desk: CommandDesk; connected: boolean } | undefined
  #memory: CommandMemory | undefined
  #station: { life: Life; commands: Commands; hub: LiveHub; connected: boolean; connect: () => void } | undefined
  /** What the broker keeps for a board that is away. */
  #kept: string[] = []

  constructor(seed: number, mutant?: CommandMutant) {
    this.#seed = seed
    this.#mutant = mutant
    this.#chance = seeded(seed)
  }

  async run(): Promise<CommandVerdict> {
    this.#startStation()
    this.#startDevice()
    this.#every(500, 4_000, () => void this.#ask())
    this.#every(2_000, 12_000, () => this.#chance.pick([() => this.#cutDevice(), () => this.#crashDevice('device_crashed'), () => this.#crashStation(), () => void this.#cancel()])())
    await this.#time.runTo(TROUBLE_MS, () => undefined)
    this.#trouble.alive = false
    await this.#time.runTo(TROUBLE_MS + HEAL_MS, () => undefined)
    this.#rules.judgeAll(this.#stored)
    return { seed: this.#seed, broken: this.#rules.broken, count: this.count, asked: this.#asked, executed: this.#rules.executed }
  }

  #now(): number {
    return EPOCH_MS + Math.floor(this.#time.elapsedMs)
  }

  /** Troubles happen until the ward heals. */
  #strikes(kind: CommandFault, probability: number): boolean {
    if (!this.#trouble.alive || !this.#chance.happens(probability)) return false
    this.count[kind]++
    return true
  }

  #after(low: number, high: number, life: Life, run: () => void): void {
    this.#time.after(this.#chance.between(low, high), life, run)
  }

  #every(low: number, high: number, run: () => void): void {
    this.#after(low, high, this.#trouble, () => {
      this.#every(low, high, run)
      run()
    })
  }

  // The board.

  #startDevice(): void {
    const life: Life = { alive: true }
    const clock = this.#time.clockOf(life)
    const knowsTimeAt = this.#time.elapsedMs + this.#chance.between(0, 4_000)
    const serverNow = () => (this.#time.elapsedMs < knowsTimeAt ? undefined : this.#mutant === 'runs_when_late' ? 0 : this.#now())
    const act = async (args: Readonly<Record<string, unknown>>) => {
      this.#rules.runs(Number(args['n']), this.#now(), this.#stored)
      await new Promise<void>((resolve) => void clock.after(this.#chance.between(0, 9_000), resolve))
      if (this.#chance.happens(0.1)) throw new AppError('INTERNAL', 'It did not work.')
      return {}
    }
    const desk = createCommandDesk({
      handlers: [{ offer: { name: 'act', risk: 'low', args: { type: 'object' } }, check: () => undefined, run: act }],
      document: { load: () => (this.#mutant === 'forgets_at_boot' ? undefined : this.#memory), save: (memory) => this.#note(memory, life) },
      serverNow,
      reply: (reply, settled) => life.alive && this.#fromDevice('command/reply', reply, settled),
      log: () => undefined,
    })
    this.#device = { life, desk, connected: false }
    this.#after(200, 3_000, life, () => this.#connectDevice())
  }

  /** The board's disk: full now and then, and the power may go right after a note. */
  #note(memory: CommandMemory, life: Life): void {
    if (!life.alive) throw new AppError('INTERNAL', 'There is no power.')
    if (this.#strikes('note_refused', 0.03)) throw new AppError('INTERNAL', 'No space left on the disk.')
    this.#memory = memory
    if (!this.#strikes('crashed_after_note', 0.03)) return
    this.#crashDevice()
    throw new AppError('INTERNAL', 'The power is gone.')
  }

  #connectDevice(): void {
    const device = this.#device
    if (!device || device.connected) return
    device.connected = true
    this.#fromDevice('state', { st: 'online', e: 'a', caps: CAPS })
    device.desk.online()
    for (const command of this.#kept.splice(0)) this.#toDevice(command)
  }

  #cutDevice(): void {
    const device = this.#device
    if (!device?.connected) return
    this.count.device_cut++
    this.#gone(device)
    this.#after(200, 15_000, device.life, () => this.#connectDevice())
  }

  #crashDevice(kind?: CommandFault): void {
    const device = this.#device
    if (!device) return
    if (kind) this.count[kind]++
    device.life.alive = false
    this.#gone(device)
    this.#device = undefined
    this.#after(500, 10_000, { alive: true }, () => this.#device ?? this.#startDevice())
  }

  #gone(device: { connected: boolean }): void {
    if (device.connected) this.#toStation('state', { st: 'lost' })
    device.connected = false
  }

  #fromDevice(channel: 'state' | 'command/reply', body: object, settled?: () => void): void {
    const device = this.#device
    if (!device?.connected) return
    this.#after(1, 60, device.life, () => {
      if (!device.connected) return
      this.#toStation(channel, body)
      if (this.#strikes('doubled', 0.15)) this.#toStation(channel, body)
      settled?.()
    })
  }

  #toDevice(command: string): void {
    const device = this.#device
    if (!device?.connected) return void this.#kept.push(command)
    const parsed = JSON.parse(command) as Parameters<CommandDesk['receive']>[0]
    const late = this.#strikes('overtaken', 0.2) ? 8_000 : 80
    for (let times = this.#strikes('doubled', 0.2) ? 2 : 1; times > 0; times--) {
      this.#after(1, late, device.life, () => (device.connected ? device.desk.receive(parsed) : this.#kept.push(command)))
    }
  }

  // The central station.

  #startStation(): void {
    const life: Life = { alive: true }
    const clock = this.#time.clockOf(life)
    const registry = memoryRegistry({ wards: [], stays: [], devices: [deviceFact(DEVICE)] })
    const hub = createLiveHub({ registry, clock, countDrop: () => undefined })
    const listeners: (() => void)[] = []
    const link: BrokerLink = {
      connected: () => this.#station?.life === life && this.#station.connected,
      publish: (_topic, payload) => this.#publish(payload, life),
      onConnect: (listener) => (listeners.push(listener), () => undefined),
      stop: async () => undefined,
    }
    const commands = new Commands({
      store: {
        add: (fact) => this.#stores(life, () => void this.#stored.set(fact.id, fact)),
        open: () => this.#stores(life, () => [...this.#stored.values()].filter(({ state }) => isOpen(state))),
        list: () => this.#stores(life, () => [...this.#stored.values()]),
        find: (id) => this.#stores(life, () => this.#stored.get(id)),
      },
      journal: { append: (steps) => this.#journal(life, steps), drain: async () => undefined, depth: () => 0, rejected: () => 0, stop: async () => undefined },
      registry,
      hub,
      link,
      clock,
      log: silentLog,
      countDrop: () => undefined,
      onChange: (record) => this.#rules.shows(record),
    })
    const connect = () => {
      if (this.#station) this.#station.connected = true
      if (this.#device?.connected) hub.receive({ topic: topicOf({ site: 'main', device: DEVICE }, 'state'), payload: Buffer.from(JSON.stringify({ st: 'online', e: 'a', caps: CAPS })), retained: true })
      for (const listener of listeners) listener()
    }
    this.#station = { life, commands, hub, connected: false, connect }
    const resume = (): void => void commands.resume().catch(() => this.#after(500, 500, life, resume))
    resume()
    this.#after(100, 2_000, life, connect)
  }

  #crashStation(): void {
    if (!this.#station) return
    this.count.station_crashed++
    this.#station.life.alive = false
    this.#station.commands.stop()
    this.#station = undefined
    this.#after(500, 8_000, { alive: true }, () => this.#startStation())
  }

  /** A question to the database: answered later, not at all by a station that has died, or refused. */
  #stores<T>(life: Life, run: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#after(1, 40, life, () => (this.#strikes('database_away', 0.05) ? reject(new AppError('DATABASE_AWAY', 'The database is away.')) : resolve(run())))
    })
  }

  /** The station's own disk first; what is on it reaches the database whatever happens to the station. */
  #journal(life: Life, steps: readonly CommandStep[]): Promise<void> {
    // One line after the other, as a file is written.
    this.#diskFreeAtMs = Math.max(this.#time.elapsedMs, this.#diskFreeAtMs) + this.#chance.between(1, 30)
    return new Promise((resolve) => {
      this.#time.after(this.#diskFreeAtMs - this.#time.elapsedMs, life, () => {
        for (const { commandId, state, atMs, progress, data, why } of steps) {
          const fact = this.#stored.get(commandId)
          if (fact) this.#stored.set(commandId, { ...fact, state, updatedAtMs: atMs, progress, data, why, steps: [...fact.steps, { atMs, state }] })
        }
        resolve()
      })
    })
  }

  #publish(payload: string, life: Life): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#after(1, 50, { alive: true }, () => {
        if (this.#strikes('lost', 0.15)) return void (life.alive && reject(new AppError('BROKER_AWAY', 'lost')))
        this.#toDevice(payload)
        if (!life.alive) return
        if (this.#strikes('puback_lost', 0.1)) reject(new AppError('BROKER_AWAY', 'no answer'))
        else resolve()
      })
    })
  }

  #toStation(channel: 'state' | 'command/reply', body: object): void {
    const station = this.#station
    // What a broker has for a station that is away is gone: it keeps no session.
    if (!station?.connected) return
    const late = channel === 'command/reply' && this.#strikes('overtaken', 0.2) ? 5_000 : 40
    this.#after(1, late, station.life, () => station.hub.receive({ topic: topicOf({ site: 'main', device: DEVICE }, channel), payload: Buffer.from(JSON.stringify(body)), retained: false }))
  }

  async #ask(): Promise<void> {
    const n = ++this.#asked
    const asked = this.#station?.commands.ask(DEVICE, { do: 'act', args: { n }, expiresInMs: this.#chance.pick([1_500, 8_000, 60_000]) }, { accountId: null, username: 'li' })
    await asked?.catch(() => undefined)
  }

  async #cancel(): Promise<void> {
    const open = this.#rules.shownAs('queued')
    if (open.length === 0) return
    const record = await this.#station?.commands.cancel(DEVICE, this.#chance.pick(open)).catch(() => undefined)
    if (record?.state === 'cancelled') this.count.cancelled++
  }
}
