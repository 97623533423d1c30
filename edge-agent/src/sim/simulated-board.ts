import { type Clock } from '@vigil/contract/clock'
import { EmulatedBmp280 } from './chips/emulated-bmp280.ts'
import { type EmulatedChip } from './chips/emulated-chip.ts'
import { EmulatedMax30102 } from './chips/emulated-max30102.ts'
import { EmulatedMax30205 } from './chips/emulated-max30205.ts'
import { EmulatedTmp117 } from './chips/emulated-tmp117.ts'
import { createEmulatedBus, type EmulatedBus } from './emulated-bus.ts'
import { simulatePatient, type SimulatedPatientOptions, type Truth } from './simulated-patient.ts'

export interface SimulatedBoardOptions extends SimulatedPatientOptions {
  readonly clock: Clock
  readonly thermometer?: 'tmp117' | 'max30205'
  /** Noise of the pressure sensors at ×1 oversampling; the chip's own unless told. */
  readonly pressureNoisePa?: number
}

/** One bed's board with its sensors on the patient: the bus for the agent, the chips for faults, the truth for checks. */
export interface SimulatedBoard {
  readonly bus: EmulatedBus
  readonly chips: BoardChips
  /** What is true at a time of `clock.monotonic()`. */
  truth(atMs: number): Truth
  /** The supply fails and comes back: every chip starts anew. */
  powerCycle(): void
}

export interface BoardChips {
  readonly oximeter: EmulatedMax30102
  readonly thermometer: EmulatedTmp117 | EmulatedMax30205
  /** Only when the patient wears a mask. */
  readonly maskPressure: EmulatedBmp280 | undefined
  readonly ambientPressure: EmulatedBmp280 | undefined
}

const Address = { OXIMETER: 0x57, THERMOMETER: 0x48, MASK: 0x76, AMBIENT: 0x77 } as const
/** The mask is warmed by breath; the other sensor hangs in the room. */
const MASK_CEL = 30
const ROOM_CEL = 23

export function createSimulatedBoard(options: SimulatedBoardOptions): SimulatedBoard {
  const { clock, seed, pressureNoisePa } = options
  const patient = simulatePatient(options)
  const startMs = clock.monotonic()
  const secondsAt = (atMs: number): number => (atMs - startMs) / 1_000

  const temperatureCel = (atMs: number): number => patient.temperatureCel(secondsAt(atMs))
  const pressureSensor = (pressurePa: (tS: number) => number, cel: number, noiseSeed: number): EmulatedBmp280 =>
    new EmulatedBmp280({
      clock,
      pressurePa: (atMs) => pressurePa(secondsAt(atMs)),
      temperatureCel: () => cel,
      seed: noiseSeed,
      ...(pressureNoisePa !== undefined && { noisePa: pressureNoisePa }),
    })

  const chips: BoardChips = {
    oximeter: new EmulatedMax30102({ clock, light: (led, atMs) => patient.light(led, secondsAt(atMs)) }),
    thermometer: new (options.thermometer === 'max30205' ? EmulatedMax30205 : EmulatedTmp117)({ clock, temperatureCel }),
    maskPressure: options.mask && pressureSensor(patient.maskPa, MASK_CEL, seed + 2),
    ambientPressure: options.mask && pressureSensor(patient.ambientPa, ROOM_CEL, seed + 3),
  }
  const fitted: readonly (readonly [number, EmulatedChip | undefined])[] = [
    [Address.OXIMETER, chips.oximeter],
    [Address.THERMOMETER, chips.thermometer],
    [Address.MASK, chips.maskPressure],
    [Address.AMBIENT, chips.ambientPressure],
  ]
  const bus = createEmulatedBus()
  for (const [address, chip] of fitted) if (chip) bus.attach(address, chip)

  return {
    bus,
    chips,
    truth: (atMs) => patient.truth(secondsAt(atMs)),
    powerCycle: () => {
      for (const [, chip] of fitted) chip?.powerCycle()
    },
  }
}
