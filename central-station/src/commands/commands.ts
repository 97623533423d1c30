import { AppError, type Clock, type CommandRecord, checkCommandReply, type CommandAccepted, type CommandList, type NewCommand, type Stop, topicOf, type WardScope } from '@vigil/contract'
import type { Log } from '@vigil/program'
import { databaseAway } from '../db/database-errors.ts'
import type { Journal } from '../files/journal.ts'
import { uuidv7 } from '../ids.ts'
import type { BrokerLink } from '../live/broker-link.ts'
import type { CountDrop, LiveHub } from '../live/live-hub.ts'
import type { Registry } from '../registry/registry.ts'
import { type CommandEvent, isOpen, nextCommandState } from './command-machine.ts'
import { type CommandFact, type CommandStep, type CommandStore, factOf, toRecord } from './command.ts'
import { doneWithin } from '../time-limit.ts'
import { assertOffered } from './offered.ts'

export interface CommandsOptions {
  readonly store: CommandStore
  readonly journal: Journal<CommandStep>
  readonly registry: Registry
  readonly hub: LiveHub
  readonly link: BrokerLink
  readonly clock: Clock
  readonly log: Log
  readonly countDrop: CountDrop
  readonly onChange: (command: CommandRecord) => void
}

/** How long after a command's time, or its last sign of life, a missing final word becomes `unknown`. */
export const GRACE_MS = 15_000
const CLOCK_EVERY_MS = 1_000
const WRITE_LIMIT_MS = 250
/** Each step is written and told with all before it: a board that tells every percent of a second's work would fill disk and screens. */
const PROGRESS_EVERY_MS = 1_000
const MOST_STEPS = 1_000
/** Settled commands stay in memory so long, for replies that come late while the database is away. */
const KEEP_SETTLED_MS = 10 * 60_000
const LIST_LIMIT = 100
/** So long a database may take to tell what another central station wrote. */
const STORE_LIMIT_MS = 1_000
/** Younger than this, nobody has seen a command who could take it back. */
const NEW_MS = 1_000

/** Remote control: each command stored before it is sent, and followed until somebody knows what became of it. */
export class Commands {
  readonly #options: CommandsOptions
  readonly #known = new Map<string, CommandFact>()
  readonly #underWay = new Set<string>()
  /** Queued as far as we know, but an attempt to send it, perhaps of an earlier run, may have reached the broker: nobody may call it never sent. The first attempt is noted on the disk before it is made. */
  readonly #maybeSent = new Set<string>()
  /** Asked for here. Others were taken up from the database, where another central station of the house may be at them as well. */
  readonly #own = new Set<string>()
  readonly #ending = new Set<string>()
  readonly #stops: readonly Stop[]
  #shown: Promise<unknown> = Promise.resolve()

  constructor(options: CommandsOptions) {
    this.#options = options
    const { hub, link, clock } = options
    this.#stops = [
      hub.listen({
        presence: (device) => this.#send(device, false),
        // Whatever was on its way when the device was cut off is sent again; it never runs an id twice.
        birth: (device, _state, fresh) => fresh && this.#send(device, true),
        reply: (device, payload) => void this.#reply(device, payload),
      }),
      link.onConnect(() => this.#sendAll()),
      clock.every(CLOCK_EVERY_MS, () => this.#watchTheClock()),
    ]
  }

  /** Takes up what was open when the last run ended. */
  async resume(): Promise<void> {
    // Attempts noted before a crash may still be on this disk only.
    await this.#options.journal.drain()
    for (const fact of await this.#options.store.open()) {
      if (this.#known.has(fact.id)) continue
      this.#known.set(fact.id, fact)
      if (wasTried(fact)) this.#maybeSent.add(fact.id)
    }
    this.#sendAll()
  }

  /** @throws AppError NOT_FOUND, COMMAND_NOT_OFFERED, COMMAND_ARGUMENTS, DATABASE_AWAY */
  async ask(deviceId: string, asked: NewCommand, by: { accountId: string | null; username: string }): Promise<CommandAccepted> {
    const { clock, store, registry } = this.#options
    const args = asked.args ?? {}
    assertOffered(deviceId, this.#options, asked.do, args)
    if (asked.retryOf !== undefined) await this.#must(deviceId, asked.retryOf)
    const now = clock.now()
    const fact = factOf(deviceId, asked, { id: uuidv7(now), nowMs: now, by: by.username, stayId: registry.now().stayOfDevice.get(deviceId)?.id ?? null })
    await store.add(fact, by.accountId, { id: uuidv7(now), commandId: fact.id, n: 0, atMs: now, state: 'queued', progress: null, data: null, why: null })
    this.#known.set(fact.id, fact)
    this.#own.add(fact.id)
    this.#show(fact, Promise.resolve())
    this.#send(deviceId, false)
    return { id: fact.id, state: fact.state }
  }

  /** Newest first. `wards`: whoever sees some of them is told what was asked for the patient of now, or for none: an answer tells of whom the device watched then. */
  async list(deviceId: string, wards: WardScope): Promise<CommandList> {
    const stored = await this.#options.store.list(deviceId, LIST_LIMIT)
    const now = this.#options.registry.now().stayOfDevice.get(deviceId)?.id
    const told = stored.filter(({ stayId }) => wards === null || stayId === null || stayId === now)
    // Steps may still be on their way to the database.
    return { commands: told.map((fact) => toRecord(this.#known.get(fact.id) ?? fact)) }
  }

  /** @throws AppError NOT_FOUND, DATABASE_AWAY */
  async one(deviceId: string, id: string): Promise<CommandRecord> {
    return toRecord(await this.#must(deviceId, id))
  }

  /** @throws AppError NOT_FOUND, COMMAND_UNDER_WAY, DATABASE_AWAY for one another central station may be at */
  async cancel(deviceId: string, id: string): Promise<CommandRecord> {
    const known = await this.#must(deviceId, id)
    const fact = await this.#asStored(known)
    if (!fact) throw databaseAway()
    const after = this.#maybeSent.has(id) ? fact : this.#apply(fact, { kind: 'cancel' })
    if (after.state !== 'cancelled') {
      throw new AppError('COMMAND_UNDER_WAY', `The command can no longer be taken back: it is ${fact.state === 'queued' ? 'perhaps on its way already' : fact.state}.`, { details: { state: fact.state } })
    }
    // Whoever else of the house holds it asks the database before it sends.
    await this.#shown
    await doneWithin(this.#options.clock, STORE_LIMIT_MS, this.#options.journal.drain())
    return toRecord(after)
  }

  stop(): void {
    for (const stop of this.#stops) stop()
  }

  async #must(deviceId: string, id: string): Promise<CommandFact> {
    const fact = this.#known.get(id) ?? (await this.#options.store.find(id))
    if (fact?.deviceId !== deviceId) throw new AppError('NOT_FOUND', `Device ${deviceId} has no command ${id}.`)
    return fact
  }

  #sendAll(): void {
    for (const device of new Set([...this.#known.values()].map((fact) => fact.deviceId))) this.#send(device, false)
  }

  #send(deviceId: string, again: boolean): void {
    const { hub, link } = this.#options
    const status = hub.status(deviceId)
    if (!link.connected() || (status !== 'online' && status !== 'late')) return
    for (const fact of this.#known.values()) {
      if (fact.deviceId === deviceId && (fact.state === 'queued' || (again && fact.state === 'sent'))) void this.#publish(fact)
    }
  }

  async #publish(fact: CommandFact): Promise<void> {
    const { registry, link, clock, log } = this.#options
    const device = registry.now().devices.get(fact.deviceId)
    if (!device || this.#underWay.has(fact.id) || clock.now() >= fact.expiresAtMs) return
    if (this.#watchesAnother(fact)) return this.#neverMind(fact)
    this.#underWay.add(fact.id)
    try {
      if (!(await this.#stillWaits(fact))) return
      // From here to the note there is no pause in which it could be taken back.
      const now = this.#known.get(fact.id) ?? fact
      if (!maySend(now)) return
      await this.#noteAttempt(now)
      if (clock.now() >= fact.expiresAtMs) return
      const command = { id: fact.id, do: fact.name, args: fact.args, exp: fact.expiresAtMs }
      await link.publish(topicOf({ site: device.site, device: device.id }, 'command'), JSON.stringify(command), { qos: 1 })
      this.#apply(this.#known.get(fact.id) ?? fact, { kind: 'published' })
    } catch (err) {
      log.warn({ err, commandId: fact.id, device: fact.deviceId }, 'command.not_sent')
    } finally {
      this.#underWay.delete(fact.id)
    }
  }

  /** Not when somebody took it back at another central station meanwhile. Nobody takes back what was asked for this moment. */
  async #stillWaits(fact: CommandFact): Promise<boolean> {
    const isNew = this.#own.has(fact.id) && this.#options.clock.now() - fact.createdAtMs < NEW_MS
    if (fact.state !== 'queued' || isNew) return true
    const now = await this.#asStored(fact)
    return now !== undefined && maySend(now)
  }

  /**
   * How it stands, with what another central station of the house wrote of it. When the database does not tell, as it is known here;
   * `undefined` for one that was not asked for here: then nobody here can say.
   */
  async #asStored(fact: CommandFact): Promise<CommandFact | undefined> {
    const { store, clock } = this.#options
    let stored: CommandFact | undefined
    const asked = store.find(fact.id).then((found) => (stored = found), () => undefined)
    await doneWithin(clock, STORE_LIMIT_MS, asked)
    const known = this.#known.get(fact.id) ?? fact
    if (!stored) return this.#own.has(fact.id) ? known : undefined
    if (wasTried(stored)) this.#maybeSent.add(fact.id)
    if (stored.steps.length <= known.steps.length || stored.state === known.state) return known
    this.#known.set(fact.id, stored)
    this.#show(stored, Promise.resolve())
    return stored
  }

  /** It was asked for the patient of then; at the bedside of another one it is a mistake. */
  #watchesAnother({ deviceId, stayId }: CommandFact): boolean {
    const now = this.#options.registry.now().stayOfDevice.get(deviceId)
    return stayId !== null && now !== undefined && now.id !== stayId
  }

  /** What may be with the device already is not sent again either, and nobody claims to know what became of it. */
  #neverMind(fact: CommandFact): void {
    if (!this.#maybeSent.has(fact.id)) this.#apply(fact, { kind: 'cancel' }, { progress: null, data: null, why: 'The device watches another patient now, so nothing was sent. Ask again where it is.' })
  }

  /** On the disk before it goes out: what has no such note was never sent, also after a crash. */
  async #noteAttempt(fact: CommandFact): Promise<void> {
    if (this.#maybeSent.has(fact.id)) return
    this.#maybeSent.add(fact.id)
    const atMs = this.#options.clock.now()
    this.#known.set(fact.id, { ...fact, steps: [...fact.steps, { atMs, state: 'queued' }] })
    try {
      await this.#options.journal.append([{ id: uuidv7(atMs), commandId: fact.id, n: fact.steps.length, atMs, state: 'queued', progress: null, data: null, why: null }])
    } catch (err) {
      this.#maybeSent.delete(fact.id)
      throw err
    }
  }

  async #reply(deviceId: string, payload: unknown): Promise<void> {
    const checked = checkCommandReply(payload)
    if (!checked.ok) return this.#options.countDrop('schema')
    const { id, st, pct, data, why } = checked.value
    try {
      const fact = await this.#must(deviceId, id)
      const told = { progress: pct ?? null, data: data ?? null, why: why ?? null }
      this.#apply(this.#known.get(id) ?? fact, { kind: 'reply', st }, told)
    } catch (err) {
      this.#options.log.warn({ err, commandId: id, device: deviceId }, 'command.reply_not_placed')
    }
  }

  #apply(fact: CommandFact, event: CommandEvent, told?: Pick<CommandFact, 'progress' | 'data' | 'why'>): CommandFact {
    const state = nextCommandState(fact.state, event)
    const atMs = this.#options.clock.now()
    const moved = told !== undefined && state === 'running' && told.progress !== fact.progress && atMs - fact.updatedAtMs >= PROGRESS_EVERY_MS && fact.steps.length < MOST_STEPS
    if (state === fact.state && !moved) return fact
    const { progress, data, why } = told ?? fact
    const after: CommandFact = { ...fact, state, updatedAtMs: atMs, progress, data: data ?? fact.data, why: why ?? fact.why, steps: [...fact.steps, { atMs, state }] }
    this.#known.set(fact.id, after)
    const step = { id: uuidv7(atMs), commandId: fact.id, n: fact.steps.length, atMs, state, progress, data: after.data, why: after.why }
    const safe = this.#options.journal.append([step]).catch((err: unknown) => this.#options.log.error({ err, commandId: fact.id }, 'command.step_not_kept'))
    this.#show(after, safe)
    return after
  }

  /** On this machine's disk first, then on the screens, in order: what somebody has seen is still so after a crash. A disk that hangs holds nobody up. */
  #show(fact: CommandFact, safe: Promise<void>): void {
    const { clock, onChange } = this.#options
    this.#shown = this.#shown.then(() => doneWithin(clock, WRITE_LIMIT_MS, safe)).then(() => onChange(toRecord(fact)))
  }

  #watchTheClock(): void {
    const now = this.#options.clock.now()
    for (const fact of this.#known.values()) {
      if (!isOpen(fact.state)) {
        this.#maybeSent.delete(fact.id)
        if (now - fact.updatedAtMs > KEEP_SETTLED_MS) this.#forget(fact.id)
      } else if (now >= fact.expiresAtMs) void this.#end(fact)
    }
  }

  #forget(id: string): void {
    this.#known.delete(id)
    this.#own.delete(id)
  }

  /** Its time is over. Whether it was never sent is known by whoever asked for it; of others the database is asked first. */
  async #end(before: CommandFact): Promise<void> {
    if (this.#ending.has(before.id)) return
    this.#ending.add(before.id)
    try {
      const fact = this.#own.has(before.id) && before.state !== 'queued' ? before : await this.#asStored(before)
      if (!fact || !isOpen(fact.state)) return
      const isSilent = this.#options.clock.now() >= Math.max(fact.expiresAtMs, fact.updatedAtMs) + GRACE_MS
      this.#apply(fact, { kind: isSilent ? 'silence' : 'deadline', maybeSent: this.#maybeSent.has(fact.id) })
    } finally {
      this.#ending.delete(before.id)
    }
  }
}

/** An attempt to send it is one more step of the same state. */
function wasTried({ steps }: CommandFact): boolean {
  return steps.length > 1
}

/** `sent` goes out again when the device was cut off: it never runs an id twice. */
function maySend({ state }: CommandFact): boolean {
  return state === 'queued' || state === 'sent'
}
