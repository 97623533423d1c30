import { AppError } from '@vigil/contract/errors'
import { openLinuxI2c } from '../bus/linux-i2c.ts'
import type { OpenedBus } from '../bus/opened-bus.ts'
import { shareBus } from '../bus/shared-bus.ts'

export interface SensorBusOptions {
  readonly bus: string
  readonly emulate: string | undefined
  readonly emulateSensors: string
  readonly replay?: string | undefined
}

/** The recording an emulated board uses when none is named. */
export const FIRST_RECORDING = '100001-left'

/**
 * The real bus, or an emulated one in another program that drivers cannot tell from it.
 *
 * @throws AppError `I2C_UNAVAILABLE`, `NOT_FOUND` or `INVALID_REQUEST` (recording), `SETTINGS_INVALID`.
 */
export async function openSensorBus({ bus, emulate, emulateSensors, replay }: SensorBusOptions): Promise<OpenedBus> {
  if (replay !== undefined || emulate !== undefined) {
    const { startEmulator } = await import('./emulator-process.ts')
    return startEmulator(replay === undefined ? { recording: emulate ?? FIRST_RECORDING, sensors: emulateSensors } : { replay })
  }
  const busNumber = /^(?:\/dev\/i2c-)?(\d+)$/.exec(bus)?.[1]
  if (busNumber === undefined) throw new AppError('SETTINGS_INVALID', `VIGIL_BUS must be a device such as /dev/i2c-1, not "${bus}".`)
  return { bus: shareBus(await openLinuxI2c({ busNumber: Number(busNumber) })), note: undefined, sensors: undefined }
}
