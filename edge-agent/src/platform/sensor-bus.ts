import { AppError } from '@vigil/contract/errors'
import { type Clock } from '@vigil/contract/clock'
import { type I2cBus } from '../bus/i2c.ts'
import { openLinuxI2c } from '../bus/linux-i2c.ts'
import { EmulatedSsd1306 } from '../sim/chips/emulated-ssd1306.ts'
import { openRecordings } from '../sim/recording-files.ts'
import { type SensorPlace } from '../core/sensor-station.ts'
import { sensorRegistry } from '../sensors/registry.ts'
import { createSimulatedBoard, everyKind, type FittedChip } from '../sim/simulated-board.ts'

export interface OpenedBus {
  readonly bus: I2cBus
  /** What feeds emulated sensors; `undefined` on real ones. */
  readonly note: string | undefined
  /** What is on an emulated bus, when it was chosen: then nothing needs to be confirmed by a person. */
  readonly sensors: readonly SensorPlace[] | undefined
}

/** Every emulated board has a display; whether it is used is for its settings. */
const DISPLAY_ADDRESS = 0x3c
/** Ratio of ratios of a healthy person, about 97 % on the default curve. */
const USUAL_RATIO = 0.5

/**
 * The real bus, or an emulated one that drivers cannot tell from it.
 *
 * @throws AppError `I2C_UNAVAILABLE`, `NOT_FOUND` (recording), `SETTINGS_INVALID`.
 */
export async function openSensorBus(options: { bus: string; emulate: string | undefined; emulateSensors: string; clock: Clock }): Promise<OpenedBus> {
  if (options.emulate !== undefined) return emulated(options.emulate, chipsOf(options.emulateSensors), options.clock)
  const busNumber = /^(?:\/dev\/i2c-)?(\d+)$/.exec(options.bus)?.[1]
  if (busNumber === undefined) throw new AppError('SETTINGS_INVALID', `VIGIL_BUS must be a device such as /dev/i2c-1, not "${options.bus}".`)
  return { bus: await openLinuxI2c({ busNumber: Number(busNumber) }), note: undefined, sensors: undefined }
}

/** The recording an emulated board uses when none is named. */
export const firstRecording = (): string => openRecordings().pulseIds[0] ?? ''

/**
 * `usual`, `all`, or models with their addresses: `max30105,xgzp6897@0x6d`.
 *
 * @throws AppError `SETTINGS_INVALID`.
 */
function chipsOf(text: string): readonly FittedChip[] | undefined {
  if (text === 'usual') return undefined
  if (text === 'all') return everyKind
  return text.split(',').map((word) => {
    const [model = '', at] = word.split('@')
    const definition = sensorRegistry.find((one) => one.model === model)
    const address = at === undefined ? definition?.addresses[0] : Number(at)
    if (!definition || address === undefined || !definition.addresses.includes(address)) {
      throw new AppError('SETTINGS_INVALID', `VIGIL_EMULATE_SENSORS must be usual, all or models such as max30105,xgzp6897@0x6d, not "${text}".`)
    }
    return { model, address }
  })
}

function emulated(recording: string, fitted: readonly FittedChip[] | undefined, clock: Clock): OpenedBus {
  const library = openRecordings()
  const mask = library.maskIds[0] ?? ''
  const board = createSimulatedBoard({ clock, pulse: library.pulse(recording), mask: library.mask(mask), ratioOfRatios: USUAL_RATIO, seed: 1, ...(fitted && { fitted }) })
  board.bus.attach(DISPLAY_ADDRESS, new EmulatedSsd1306({ clock }))
  const what = fitted ? `${fitted.length} emulated sensors` : 'Emulated sensors'
  return { bus: board.bus, note: `${what}: finger recording ${recording}, red light made at a ratio of ratios of ${USUAL_RATIO}, mask recording ${mask}`, sensors: fitted }
}
