import type { Clock } from '@vigil/contract/clock'
import { AppError } from '@vigil/contract/errors'
import type { I2cBus } from '../bus/i2c.ts'
import { sensorRegistry } from '../sensors/registry.ts'
import { DISPLAY_ADDRESS, EmulatedSsd1306 } from './chips/emulated-ssd1306.ts'
import { openRecordings } from './recording-files.ts'
import { replayedBus } from './replay-board.ts'
import { createSimulatedBoard, everyKind, type FittedChip } from './simulated-board.ts'

/** Ratio of ratios of a healthy person, about 97 % on the default curve. */
const USUAL_RATIO = 0.5

/** A recording that comes with the agent on the named sensors (see `chipsOf`), or a file. */
export type EmulatedBusOptions = { readonly replay: string } | { readonly recording: string; readonly sensors: string }

export interface EmulatedBoardBus {
  readonly bus: I2cBus
  /** What feeds the sensors. */
  readonly note: string
  /** What is on the bus, when it was chosen. */
  readonly sensors: readonly FittedChip[] | undefined
}

/** @throws AppError `NOT_FOUND` (recording), `INVALID_REQUEST` (file), `SETTINGS_INVALID` (sensors). */
export function emulatedBus(options: EmulatedBusOptions, clock: Clock): EmulatedBoardBus {
  if ('replay' in options) return replayedBus(options.replay, clock)
  const { recording, sensors } = options
  const fitted = chipsOf(sensors)
  const library = openRecordings()
  const mask = library.maskIds[0] ?? ''
  const board = createSimulatedBoard({ clock, pulse: library.pulse(recording), mask: library.mask(mask), ratioOfRatios: USUAL_RATIO, seed: 1, ...(fitted && { fitted }) })
  board.bus.attach(DISPLAY_ADDRESS, new EmulatedSsd1306({ clock }))
  const what = fitted ? `${fitted.length} emulated sensors` : 'Emulated sensors'
  return { bus: board.bus, note: `${what}: finger recording ${recording}, red light made at a ratio of ratios of ${USUAL_RATIO}, mask recording ${mask}`, sensors: fitted }
}

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
