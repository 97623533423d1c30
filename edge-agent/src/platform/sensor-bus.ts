import { AppError } from '@vigil/contract/errors'
import { type Clock } from '@vigil/contract/clock'
import { type I2cBus } from '../bus/i2c.ts'
import { openLinuxI2c } from '../bus/linux-i2c.ts'
import { openRecordings } from '../sim/recording-files.ts'
import { createSimulatedBoard } from '../sim/simulated-board.ts'

export interface OpenedBus {
  readonly bus: I2cBus
  /** What feeds emulated sensors; `undefined` on real ones. */
  readonly note: string | undefined
}

/** Ratio of ratios of a healthy person, about 97 % on the default curve. */
const USUAL_RATIO = 0.5

/**
 * The real bus, or an emulated one that drivers cannot tell from it.
 *
 * @throws AppError `I2C_UNAVAILABLE`, `NOT_FOUND` (recording), `SETTINGS_INVALID`.
 */
export async function openSensorBus(options: { bus: string; emulate: string | undefined; clock: Clock }): Promise<OpenedBus> {
  if (options.emulate !== undefined) return emulated(options.emulate, options.clock)
  const busNumber = /^(?:\/dev\/i2c-)?(\d+)$/.exec(options.bus)?.[1]
  if (busNumber === undefined) throw new AppError('SETTINGS_INVALID', `VIGIL_BUS must be a device such as /dev/i2c-1, not "${options.bus}".`)
  return { bus: await openLinuxI2c({ busNumber: Number(busNumber) }), note: undefined }
}

/** The recording an emulated board uses when none is named. */
export const firstRecording = (): string => openRecordings().pulseIds[0] ?? ''

function emulated(recording: string, clock: Clock): OpenedBus {
  const library = openRecordings()
  const mask = library.maskIds[0] ?? ''
  const board = createSimulatedBoard({ clock, pulse: library.pulse(recording), mask: library.mask(mask), ratioOfRatios: USUAL_RATIO, seed: 1 })
  return { bus: board.bus, note: `Emulated sensors: finger recording ${recording}, red light made at a ratio of ratios of ${USUAL_RATIO}, mask recording ${mask}` }
}
