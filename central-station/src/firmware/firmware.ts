import { AppError, type Clock, type FirmwareChange, type FirmwareHistory, type FirmwareList, type FirmwareModel } from '@vigil/contract'
import type { Actor } from '../audit/audit.ts'
import { newestFirst } from '../devices/device-drift.ts'
import { iso } from '../iso.ts'
import { CANARY_DEVICE } from '../live/canary.ts'
import type { LiveHub } from '../live/live-hub.ts'
import type { Registry } from '../registry/registry.ts'
import type { DeviceFact, FirmwareFact } from '../registry/world.ts'

/** Port: which firmware people decided on, by hardware model. */
export interface FirmwareStore {
  /** Newest first. */
  history(hardware: string): Promise<FirmwareFact[]>
  /** One transaction. @throws AppError VERSION_CONFLICT when the newest decision is not the one before this */
  add(decision: FirmwareFact): Promise<void>
}

/** Which firmware the boards of a model should run, beside what they run. */
export interface Firmware {
  /** From memory: of the devices the caller sees. */
  list(sees: (device: DeviceFact) => boolean): FirmwareList
  history(hardware: string): Promise<FirmwareHistory>
  /** @throws AppError VERSION_CONFLICT */
  decide(change: FirmwareChange, actor: Actor): Promise<FirmwareModel>
}

export function createFirmware({ store, registry, hub, clock }: { store: FirmwareStore; registry: Registry; hub: LiveHub; clock: Clock }): Firmware {
  const list = (sees: (device: DeviceFact) => boolean): FirmwareModel[] => {
    const decided = registry.now().world.firmware ?? []
    const boards = registry.now().world.devices.flatMap((device) => {
      const birth = device.retiredAtMs === null && device.id !== CANARY_DEVICE && sees(device) ? hub.birth(device.id) : undefined
      return birth?.hw === undefined ? [] : [{ hardware: birth.hw, firmware: birth.fw }]
    })
    const models = [...new Set([...boards.map(({ hardware }) => hardware), ...decided.map(({ hardware }) => hardware)])].toSorted((a, b) => a.localeCompare(b))
    return models.map((hardware) => {
      const mine = boards.filter((board) => board.hardware === hardware)
      const decision = decided.find((fact) => fact.hardware === hardware)
      return { hardware, ...(decision && { decision: toDecision(decision) }), devices: mine.length, runs: counted(mine.flatMap(({ firmware }) => firmware ?? [])) }
    })
  }
  return {
    list: (sees) => ({ models: list(sees) }),
    history: async (hardware) => ({ decisions: (await store.history(hardware)).map(toDecision) }),
    async decide({ hardware, firmware, version, reason }, { username, role }) {
      await store.add({ hardware, firmware, version: version + 1, atMs: clock.now(), by: username, role, reason })
      await registry.refresh()
      const model = list(() => true).find((one) => one.hardware === hardware)
      if (!model) throw new AppError('NOT_FOUND', `No board of this house says that it is a ${hardware}.`)
      return model
    },
  }
}

function counted(versions: readonly string[]): FirmwareModel['runs'] {
  const counts = new Map<string, number>()
  for (const version of versions) counts.set(version, (counts.get(version) ?? 0) + 1)
  return [...counts].map(([firmware, devices]) => ({ firmware, devices })).toSorted((a, b) => newestFirst(a.firmware, b.firmware))
}

function toDecision({ version, firmware, by, role, atMs, reason }: FirmwareFact) {
  return { version, firmware, by, role, at: iso(atMs), reason }
}
