import type { Clock } from '@vigil/contract/clock'
import { AppError } from '@vigil/contract/errors'
import type { EmulatedBmp280 } from './chips/emulated-bmp280.ts'
import type { EmulatedChip } from './chips/emulated-chip.ts'
import type { EmulatedMax30102 } from './chips/emulated-max30102.ts'
import type { EmulatedMax30205 } from './chips/emulated-max30205.ts'
import type { EmulatedTmp117 } from './chips/emulated-tmp117.ts'
import { type ChipWorld, emulations } from './chips/emulations.ts'
import { createEmulatedBus, type EmulatedBus } from './emulated-bus.ts'
import { slowWave } from './seeded-noise.ts'
import { simulatePatient, type SimulatedPatientOptions, type Truth } from './simulated-patient.ts'

/** A chip soldered to a board. */
export interface FittedChip {
  readonly model: string
  readonly address: number
}

export interface SimulatedBoardOptions extends SimulatedPatientOptions {
  readonly clock: Clock
  readonly thermometer?: 'tmp117' | 'max30205'
  /** What is on the bus instead of the usual chips. */
  readonly fitted?: readonly FittedChip[]
  /** Noise of the pressure sensors at ×1 oversampling; the chip's own unless told. */
  readonly pressureNoisePa?: number
}

/** One bed's board with its sensors on the patient: the bus for the agent, the chips for faults, the truth for checks. */
export interface SimulatedBoard {
  readonly bus: EmulatedBus
  readonly chips: BoardChips
  /** Any chip of the board by its address. */
  chipAt(address: number): EmulatedChip | undefined
  /** What is true at a time of `clock.monotonic()`. */
  truth(atMs: number): Truth
  /** The supply fails and comes back: every chip starts anew. */
  powerCycle(): void
}

/** The usual chips; a board fitted otherwise has them where it has them. */
export interface BoardChips {
  readonly oximeter: EmulatedMax30102
  readonly thermometer: EmulatedTmp117 | EmulatedMax30205
  /** Only when the patient wears a mask. */
  readonly maskPressure: EmulatedBmp280 | undefined
  readonly ambientPressure: EmulatedBmp280 | undefined
}

const Address = { OXIMETER: 0x57, THERMOMETER: 0x48, MASK: 0x76, AMBIENT: 0x77 } as const

/** One of every kind that can sit on one bus together: at 0x57 only one oximeter can. */
export const everyKind: readonly FittedChip[] = [
  { model: 'sdp3x', address: 0x21 },
  { model: 'sdp8xx', address: 0x25 },
  { model: 'tmp117', address: 0x48 },
  { model: 'max30205', address: 0x49 },
  { model: 'ads1115', address: 0x4a },
  { model: 'max30105', address: 0x57 },
  { model: 'mlx90614', address: 0x5a },
  { model: 'ccs811', address: 0x5b },
  { model: 'scd4x', address: 0x62 },
  { model: 'xgzp6897', address: 0x6d },
  { model: 'bmp280', address: 0x76 },
  { model: 'bme280', address: 0x77 },
]

const hour = 3_600
const roomCel = [{ height: 1.2, periodS: 9 * hour }]
const roomHumidity = [{ height: 8, periodS: 7 * hour }]
const roomCo2 = [{ height: 250, periodS: 2.7 * hour }]

/** @throws AppError `NOT_FOUND` for a model without an emulation. */
export function createSimulatedBoard(options: SimulatedBoardOptions): SimulatedBoard {
  const { clock, seed, pressureNoisePa } = options
  const patient = simulatePatient(options)
  const startMs = clock.monotonic()
  const secondsAt = (atMs: number): number => (atMs - startMs) / 1_000
  const world: ChipWorld = {
    clock,
    light: (led, atMs) => patient.light(led, secondsAt(atMs)),
    bodyCel: (atMs) => patient.temperatureCel(secondsAt(atMs)),
    roomCel: (atMs) => 23 + slowWave(seed + 4, roomCel, secondsAt(atMs)),
    humidityPercent: (atMs) => 42 + slowWave(seed + 5, roomHumidity, secondsAt(atMs)),
    ambientPa: (atMs) => patient.ambientPa(secondsAt(atMs)),
    gaugePa: (atMs) => patient.gaugePa(secondsAt(atMs)),
    co2Ppm: (atMs) => 750 + slowWave(seed + 6, roomCo2, secondsAt(atMs)),
    tvocPpb: (atMs) => 120 + slowWave(seed + 7, roomHumidity, secondsAt(atMs)),
    seed,
    pressureNoisePa,
  }
  const bus = createEmulatedBus()
  const chips = new Map<number, EmulatedChip>()
  for (const { model, address } of options.fitted ?? usualChips(options)) {
    const emulate = emulations[model]
    if (!emulate) throw new AppError('NOT_FOUND', `There is no emulation of ${model}; there are ${Object.keys(emulations).join(', ')}`, { details: { model } })
    const chip = emulate(world, address)
    chips.set(address, chip)
    bus.attach(address, chip)
  }
  return {
    bus,
    chips: {
      oximeter: chips.get(Address.OXIMETER) as EmulatedMax30102,
      thermometer: chips.get(Address.THERMOMETER) as EmulatedTmp117 | EmulatedMax30205,
      maskPressure: chips.get(Address.MASK) as EmulatedBmp280 | undefined,
      ambientPressure: chips.get(Address.AMBIENT) as EmulatedBmp280 | undefined,
    },
    chipAt: (address) => chips.get(address),
    truth: (atMs) => patient.truth(secondsAt(atMs)),
    powerCycle: () => {
      for (const chip of chips.values()) chip.powerCycle()
    },
  }
}

function usualChips({ thermometer = 'tmp117', mask }: SimulatedBoardOptions): FittedChip[] {
  const finger = [
    { model: 'max30102', address: Address.OXIMETER },
    { model: thermometer, address: Address.THERMOMETER },
  ]
  const barometers = [
    { model: 'bmp280', address: Address.MASK },
    { model: 'bmp280', address: Address.AMBIENT },
  ]
  return mask ? [...finger, ...barometers] : finger
}
