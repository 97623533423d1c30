import { AppError } from '@vigil/contract/errors'
import { type Clock } from '@vigil/contract/clock'
import { openLinuxI2c } from '../bus/linux-i2c.ts'
import { type OpenedBus } from '../bus/opened-bus.ts'
import { sensorRegistry } from '../sensors/registry.ts'
import { type FittedChip } from '../sim/simulated-board.ts'

/** Every emulated board has a display; whether it is used is for its settings. */
const DISPLAY_ADDRESS = 0x3c
/** Ratio of ratios of a healthy person, about 97 % on the default curve. */
const USUAL_RATIO = 0.5

export interface SensorBusOptions {
  readonly bus: string
  readonly emulate: string | undefined
  readonly emulateSensors: string
  readonly replay?: string | undefined
  readonly clock: Clock
}

/**
 * The real bus, or an emulated one that drivers cannot tell from it.
 *
 * @throws AppError `I2C_UNAVAILABLE`, `NOT_FOUND` (recording), `SETTINGS_INVALID`.
 */
export async function openSensorBus(options: SensorBusOptions): Promise<OpenedBus> {
  if (options.replay !== undefined) return (await import('../sim/replay-board.ts')).replayedBus(options.replay, options.clock)
  if (options.emulate !== undefined) return emulated(options.emulate, options.emulateSensors, options.clock)
  const busNumber = /^(?:\/dev\/i2c-)?(\d+)$/.exec(options.bus)?.[1]
  if (busNumber === undefined) throw new AppError('SETTINGS_INVALID', `VIGIL_BUS must be a device such as /dev/i2c-1, not "${options.bus}".`)
  return { bus: await openLinuxI2c({ busNumber: Number(busNumber) }), note: undefined, sensors: undefined }
}

/** The recording an emulated board uses when none is named. */
export const FIRST_RECORDING = '100001-left'

/**
 * `usual`, `all`, or models with their addresses: `max30105,xgzp6897@0x6d`.
 *
 * @throws AppError `SETTINGS_INVALID`.
 */
function chipsOf(text: string, everyKind: readonly FittedChip[]): readonly FittedChip[] | undefined {
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

/** Loaded only when asked for: an agent on real sensors carries no emulator. */
async function emulated(recording: string, sensors: string, clock: Clock): Promise<OpenedBus> {
  const [{ openRecordings }, { createSimulatedBoard, everyKind }, { EmulatedSsd1306 }] = await Promise.all([import('../sim/recording-files.ts'), import('../sim/simulated-board.ts'), import('../sim/chips/emulated-ssd1306.ts')])
  const fitted = chipsOf(sensors, everyKind)
  const library = openRecordings()
  const mask = library.maskIds[0] ?? ''
  const board = createSimulatedBoard({ clock, pulse: library.pulse(recording), mask: library.mask(mask), ratioOfRatios: USUAL_RATIO, seed: 1, ...(fitted && { fitted }) })
  board.bus.attach(DISPLAY_ADDRESS, new EmulatedSsd1306({ clock }))
  const what = fitted ? `${fitted.length} emulated sensors` : 'Emulated sensors'
  return { bus: board.bus, note: `${what}: finger recording ${recording}, red light made at a ratio of ratios of ${USUAL_RATIO}, mask recording ${mask}`, sensors: fitted }
}
