import { AppError, baseConfig, type Clock, type DeviceConfig, type DeviceConfigChange, type Stop, topicOf } from '@vigil/contract'
import type { Log } from '@vigil/program'
import { misfit } from '../commands/device-schema.ts'
import { field, isoField } from '../iso.ts'
import type { BrokerLink } from '../live/broker-link.ts'
import type { LiveHub } from '../live/live-hub.ts'
import type { Registry } from '../registry/registry.ts'
import type { DesiredFact, DeviceFact, ReportedFact } from '../registry/world.ts'

export interface DesiredChange {
  readonly deviceNo: number
  /** Version the editor had before them. */
  readonly version: number
  readonly set: Readonly<Record<string, unknown>>
  readonly atMs: number
  readonly accountId: string | null
  /** The next version is above this one too: a database that was restored may know less than the device. */
  readonly aboveVersion: number
}

/** Port: desired configurations as PostgreSQL keeps them. */
export interface ConfigStore {
  /** The new version, or the stored one when another edit came first. */
  replace(change: DesiredChange): Promise<{ readonly ok: boolean; readonly version: number }>
}

export interface ConfigurationOptions {
  readonly store: ConfigStore
  readonly registry: Registry
  readonly hub: LiveHub
  readonly link: BrokerLink
  readonly clock: Clock
  readonly log: Log
  readonly onChange: (device: string, config: DeviceConfig) => void
}

const NOTHING_DESIRED: DesiredFact = { version: 0, set: {}, atMs: null, by: null }
const NOTHING_REPORTED: ReportedFact = { version: 0, set: {}, errors: {}, atMs: null }

/** Asked beside reported. The desired one is kept retained at the broker for each device, and said again when a broker forgot. */
export class Configuration {
  readonly #options: ConfigurationOptions
  readonly #stops: readonly Stop[]

  constructor(options: ConfigurationOptions) {
    this.#options = options
    const { registry, hub, link } = options
    this.#stops = [
      link.onConnect(() => {
        for (const device of registry.now().world.devices) this.#publish(device)
      }),
      registry.onChange(({ desired }) => {
        for (const id of desired) this.#desiredChanged(id)
      }),
      hub.listen({
        birth: (id, state) => {
          const device = registry.now().devices.get(id)
          if (device?.desired && state.cfgv !== device.desired.version) this.#publish(device)
        },
        reported: (id) => this.#tell(id),
      }),
    ]
  }

  /** From memory: works while PostgreSQL is away. @throws AppError NOT_FOUND */
  read(deviceId: string): DeviceConfig {
    const desired = this.#must(deviceId).desired ?? NOTHING_DESIRED
    const reported = this.#options.hub.reported(deviceId) ?? NOTHING_REPORTED
    return {
      desired: { version: desired.version, set: { ...desired.set }, ...isoField('at', desired.atMs), ...field('by', desired.by) },
      reported: { version: reported.version, set: { ...reported.set }, errors: { ...reported.errors }, ...isoField('at', reported.atMs) },
    }
  }

  /**
   * Replaces what is asked of a device.
   * @throws AppError NOT_FOUND, INVALID_REQUEST, VERSION_CONFLICT (`details.version` is the one to start from), DATABASE_AWAY
   */
  async change(deviceId: string, { version, set }: DeviceConfigChange, accountId: string | null): Promise<DeviceConfig> {
    const { store, registry, hub, clock } = this.#options
    const device = this.#must(deviceId)
    this.#assertFits(deviceId, set)
    const aboveVersion = Math.max(hub.reported(deviceId)?.version ?? 0, hub.birth(deviceId)?.cfgv ?? 0)
    const answer = await store.replace({ deviceNo: device.no, version, set, atMs: clock.now(), accountId, aboveVersion })
    if (!answer.ok) {
      throw new AppError('VERSION_CONFLICT', 'Somebody changed this configuration while you were looking. Look at the new one and decide again.', { details: { version: answer.version } })
    }
    await registry.refresh()
    return this.read(deviceId)
  }

  stop(): void {
    for (const stop of this.#stops) stop()
  }

  #must(deviceId: string): DeviceFact {
    const device = this.#options.registry.now().devices.get(deviceId)
    if (!device) throw new AppError('NOT_FOUND', `There is no device ${deviceId}.`)
    return device
  }

  /** Keys the device describes, or every agent has, must fit; others are the device's to refuse, by name. */
  #assertFits(deviceId: string, set: Readonly<Record<string, unknown>>): void {
    const schemas: Readonly<Record<string, unknown>> = { ...baseConfig, ...this.#options.hub.birth(deviceId)?.caps?.config }
    const errors = Object.entries(set).flatMap(([key, value]) => {
      const problem = Object.hasOwn(schemas, key) ? misfit(schemas[key], value) : undefined
      return problem === undefined ? [] : [{ path: `/set/${key}`, message: problem }]
    })
    if (errors.length > 0) throw new AppError('INVALID_REQUEST', `The device cannot run with this: ${errors.map((e) => `${e.path.slice(5)} ${e.message}`).join('; ')}.`, { details: { errors } })
  }

  #desiredChanged(id: string): void {
    const device = this.#options.registry.now().devices.get(id)
    if (device) this.#publish(device)
    this.#tell(id)
  }

  #tell(id: string): void {
    if (this.#options.registry.now().devices.has(id)) this.#options.onChange(id, this.read(id))
  }

  #publish(device: DeviceFact): void {
    const { link, log } = this.#options
    if (!device.desired || device.retiredAtMs !== null || !link.connected()) return
    const { version, set } = device.desired
    const topic = topicOf({ site: device.site, device: device.id }, 'config/desired')
    link.publish(topic, JSON.stringify({ version, set }), { qos: 1, retain: true }).catch((err: unknown) => log.warn({ err, device: device.id }, 'config.not_sent'))
  }
}
