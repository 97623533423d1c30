import type { FirmwareChange, FirmwareDecision, FirmwareModel } from '@vigil/contract/api/firmware'
import type { FakeCentral } from './fake-central.ts'
import { signed } from './people.ts'
import { Refusal, type Asked, type Route } from './refusal.ts'

/** Decisions by hardware model, newest first. */
export type FakeFirmware = Map<string, FirmwareDecision[]>

function models(c: FakeCentral): FirmwareModel[] {
  const boards = [...c.world.devices.values()].map(({ device }) => device)
  const names = [...new Set([...boards.flatMap(({ hardware }) => hardware ?? []), ...c.firmware.keys()])].sort()
  return names.map((hardware) => {
    const mine = boards.filter((board) => board.hardware === hardware)
    const versions = [...new Set(mine.flatMap(({ firmware }) => firmware ?? []))].sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
    const [decision] = c.firmware.get(hardware) ?? []
    return { hardware, ...(decision && { decision }), devices: mine.length, runs: versions.map((firmware) => ({ firmware, devices: mine.filter((board) => board.firmware === firmware).length })) }
  })
}

function decide(c: FakeCentral, { body, user }: Asked): FirmwareModel {
  const { hardware, firmware, version, reason } = body as FirmwareChange
  const before = c.firmware.get(hardware) ?? []
  if ((before[0]?.version ?? 0) !== version) throw new Refusal('VERSION_CONFLICT', 'Somebody decided about this model meanwhile. Look again, then save.')
  c.firmware.set(hardware, [{ version: version + 1, firmware, reason, ...signed(user, c.clock.now()) }, ...before])
  for (const { device } of c.world.devices.values()) {
    if (device.hardware !== hardware) continue
    delete device.firmwareDesired
    if (firmware !== null) Object.assign(device, { firmwareDesired: firmware, othersRun: undefined })
  }
  return models(c).find((model) => model.hardware === hardware) as FirmwareModel
}

export const firmwareRoutes: readonly Route[] = [
  ['GET', '/path-health', 'device:read', (c) => ({ ...c.path, alarms: c.alarms.watch(), serverTimeMs: c.clock.now() })],
  ['GET', '/firmware', 'device:read', (c) => ({ models: models(c) })],
  ['GET', '/firmware/decisions', 'device:read', (c, { url }) => ({ decisions: c.firmware.get(url.searchParams.get('hardware') ?? '') ?? [] })],
  ['PUT', '/firmware', 'device:write', decide],
]
