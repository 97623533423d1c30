import { isDeepStrictEqual } from 'node:util'
import { AppError, type Clock, isAppError, type NewRollout, type Rollout, type RingSizes, type RolloutActing, type RolloutDraft, type RolloutList, type Stop, type WardScope } from '@vigil/contract'
import type { Log } from '@vigil/program'
import { type Actor, type Audit, type Doing, systemActor } from '../audit/audit.ts'
import type { Configuration } from '../config/configuration.ts'
import type { DurableHealth } from '../durable-health.ts'
import { uuidv7 } from '../ids.ts'
import { field } from '../iso.ts'
import type { LiveHub } from '../live/live-hub.ts'
import type { Registry } from '../registry/registry.ts'
import { chooseDevices, seesPlace } from './choose-devices.ts'
import { type DeviceNow, OVER, type RolloutFact, type RolloutStore, viewOfRollout } from './rollout.ts'
import { act, advance, askings, cutRings, refuse } from './rollout-machine.ts'
import { stepsBetween } from './rollout-steps.ts'

export interface RolloutsOptions {
  readonly store: RolloutStore
  readonly configuration: Pick<Configuration, 'change' | 'read'>
  readonly registry: Registry
  readonly hub: Pick<LiveHub, 'status' | 'lastSeenMs' | 'birth'>
  readonly audit: Pick<Audit, 'doing'>
  /** Nothing is decided while the database is away: it could not be written down. */
  readonly health: DurableHealth
  readonly clock: Clock
  readonly log: Log
}

const STEP_EVERY_MS = 1_000
/** Whoever wants to pause a large ring waits no longer than these take. */
const ASKED_AT_ONCE = 20
const SHOWN = 30
const DEFAULTS = { rings: [{ devices: 1 }, { percent: 25 }], waitS: 300, watchS: 60, mostFailed: 0 } as const

/** Configuration of many devices, ring by ring. One step at a time: people's decisions and the clock never cross. */
export class Rollouts {
  readonly #options: RolloutsOptions
  readonly #open = new Map<string, RolloutFact>()
  readonly #stop: Stop
  #line: Promise<unknown> = Promise.resolve()
  #isStepping = false

  constructor(options: RolloutsOptions) {
    this.#options = options
    this.#stop = options.clock.every(STEP_EVERY_MS, () => void this.#step())
  }

  /** Takes up what was under way. @throws AppError DATABASE_AWAY */
  resume(): Promise<void> {
    return this.#inLine(async () => {
      const open = await this.#options.store.open()
      this.#open.clear()
      for (const rollout of open) this.#open.set(rollout.id, rollout)
    })
  }

  /** How many devices each ring of it would have. @throws AppError NOT_FOUND, INVALID_REQUEST */
  sizes(asked: RolloutDraft, wards: WardScope): RingSizes {
    const { registry, hub } = this.#options
    const cut = cutRings(chooseDevices(asked, { registry, hub, wards }), asked.rings ?? DEFAULTS.rings)
    const rings: number[] = []
    for (const { ring } of cut) rings[ring] = (rings[ring] ?? 0) + 1
    return { rings }
  }

  /** @throws AppError NOT_FOUND, INVALID_REQUEST, ROLLOUT_UNDER_WAY, DATABASE_AWAY */
  start(asked: NewRollout, by: Actor, wards: WardScope): Promise<Rollout> {
    const { registry, hub, clock, store } = this.#options
    return this.#inLine(async () => {
      const devices = chooseDevices(asked, { registry, hub, wards })
      const taken = new Set([...this.#open.values()].flatMap((open) => open.devices.map(({ id }) => id)))
      const busy = devices.filter((id) => taken.has(id)).slice(0, 10)
      if (busy.length > 0) throw new AppError('ROLLOUT_UNDER_WAY', `Another change by rings has not ended for ${busy.join(', ')}. End or cancel it first, or leave these devices out.`, { details: { devices: busy } })
      const { rings, waitS, watchS, mostFailed, set, reason } = { ...DEFAULTS, ...asked }
      const nowMs = clock.now()
      const rollout: RolloutFact = {
        id: uuidv7(nowMs), version: 1, state: 'running', set, reason, createdAtMs: nowMs, createdBy: by.username, accountId: by.accountId,
        waitMs: waitS * 1_000, watchMs: watchS * 1_000, mostFailed, ring: 0, ringSinceMs: nowMs, devices: cutRings(devices, rings),
      }
      await store.add(rollout)
      this.#open.set(rollout.id, rollout)
      return viewOfRollout(rollout)
    })
  }

  /** Those all of whose devices the caller sees. @throws AppError DATABASE_AWAY */
  async list(wards: WardScope): Promise<RolloutList> {
    const stored = await this.#options.store.list(SHOWN)
    return { rollouts: stored.filter((rollout) => this.#sees(rollout, wards)).map(viewOfRollout) }
  }

  /** @throws AppError NOT_FOUND, ROLLOUT_OVER, ROLLOUT_UNDER_WAY, VERSION_CONFLICT (`details.version`), DATABASE_AWAY */
  act(id: string, { act: kind, version }: RolloutActing, wards: WardScope): Promise<Rollout> {
    return this.#inLine(async () => {
      // Another central station of the house may have decided meanwhile.
      const stored = await this.#options.store.find(id)
      const known = this.#open.get(id)
      const rollout = known?.version === stored?.version ? (known ?? stored) : stored
      if (!rollout || !this.#sees(rollout, wards)) throw new AppError('NOT_FOUND', 'There is no such change by rings.')
      if (rollout.version !== version) throw conflict(rollout.version)
      const next = act(rollout, kind, this.#options.clock.now())
      if (!next) throw new AppError('ROLLOUT_OVER', `This change by rings is ${rollout.state.replace('_', ' ')}: that cannot be done with it now.`, { details: { state: rollout.state } })
      await this.#keep(rollout, next)
      return viewOfRollout(next)
    })
  }

  async stop(): Promise<void> {
    this.#stop()
    await this.#line.catch(() => undefined)
  }

  #sees({ devices }: RolloutFact, wards: WardScope): boolean {
    const { stayOfDevice } = this.#options.registry.now()
    return devices.every(({ id }) => seesPlace(wards, stayOfDevice.get(id)?.wardId ?? undefined))
  }

  #inLine<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#line.then(work, work)
    this.#line = done.catch(() => undefined)
    return done
  }

  async #step(): Promise<void> {
    if (this.#isStepping || this.#open.size === 0 || this.#options.health.state() === 'away') return
    this.#isStepping = true
    try {
      // One that cannot go on holds up no other.
      for (const id of this.#open.keys()) await this.#inLine(() => this.#stepOne(id)).catch((err: unknown) => this.#options.log.warn({ err }, 'rollout.not_stepped'))
    } finally {
      this.#isStepping = false
    }
  }

  /** Written first, then asked: after a crash it is seen whether it was. */
  async #stepOne(id: string): Promise<void> {
    const before = this.#open.get(id)
    if (!before) return
    const rollout = advance(before, this.#now, this.#options.clock.now())
    const asked = askings(rollout, this.#now).slice(0, ASKED_AT_ONCE)
    if (asked.length === 0 && isDeepStrictEqual(before, rollout)) return
    // What was paused, stopped or ended at another central station of the house is so here too, before anything more is asked.
    const stored = await this.#options.store.find(id)
    if (stored && stored.version !== before.version) return this.#take(stored)
    await this.#keep(before, rollout)
    for (const { device, version, set } of asked) {
      try {
        await this.#options.configuration.change(device, { version, set }, rollout.accountId)
      } catch (error) {
        // Somebody was quicker, or the database is away: the next step sees how it stands.
        if (!isAppError(error) || !['INVALID_REQUEST', 'NOT_FOUND'].includes(error.code)) throw error
        const known = this.#open.get(id) ?? rollout
        await this.#keep(known, refuse(known, device, error.message))
      }
    }
  }

  async #keep(before: RolloutFact, next: RolloutFact): Promise<void> {
    const { store, audit } = this.#options
    if (isDeepStrictEqual(before, next)) return
    const steps = stepsBetween(before, next).map(({ action, deviceId, detail }): Doing => ({ actor: systemActor, action, subject: () => ({ ...field('deviceId', deviceId), detail: { rollout: next.id, by: next.createdBy, ...detail } }) }))
    await audit.doing(steps, async () => {
      if (!(await store.save(next, before.version))) throw conflict(((await store.find(next.id)) ?? next).version)
    })
    this.#take(next)
  }

  #take(rollout: RolloutFact): void {
    if (OVER.has(rollout.state)) this.#open.delete(rollout.id)
    else this.#open.set(rollout.id, rollout)
  }

  readonly #now = (id: string): DeviceNow | undefined => {
    const { registry, hub, configuration } = this.#options
    const device = registry.now().devices.get(id)
    if (!device || device.retiredAtMs !== null) return undefined
    const { desired, reported } = configuration.read(id)
    return { desired, reported, lastSeenMs: hub.lastSeenMs(id), isLost: hub.status(id) === 'lost' }
  }
}

function conflict(version: number): AppError {
  return new AppError('VERSION_CONFLICT', 'This change by rings went on while you were looking. Look at it again and decide.', { details: { version } })
}
