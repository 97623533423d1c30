import type { Clock } from '@vigil/contract/clock'
import { EmulatedAds1115, mpxv7002 } from './emulated-ads1115.ts'
import { EmulatedBme280 } from './emulated-bme280.ts'
import { EmulatedBmp280 } from './emulated-bmp280.ts'
import { EmulatedCcs811 } from './emulated-ccs811.ts'
import type { EmulatedChip } from './emulated-chip.ts'
import { EmulatedMax30100 } from './emulated-max30100.ts'
import { EmulatedMax30102, type Led } from './emulated-max30102.ts'
import { EmulatedMax30205 } from './emulated-max30205.ts'
import { EmulatedMlx90614 } from './emulated-mlx90614.ts'
import { EmulatedScd4x } from './emulated-scd4x.ts'
import { EmulatedSdp } from './emulated-sdp.ts'
import { EmulatedTmp117 } from './emulated-tmp117.ts'
import { EmulatedXgzp6897 } from './emulated-xgzp6897.ts'

/** What the chips of one board feel; functions of `clock.monotonic()`. */
export interface ChipWorld {
  readonly clock: Clock
  /** nA for each mA of LED current, finger on. */
  readonly light: (led: Led, atMs: number) => number
  readonly bodyCel: (atMs: number) => number
  readonly roomCel: (atMs: number) => number
  readonly humidityPercent: (atMs: number) => number
  readonly ambientPa: (atMs: number) => number
  /** In the mask, above the room. */
  readonly gaugePa: (atMs: number) => number
  readonly co2Ppm: (atMs: number) => number
  readonly tvocPpb: (atMs: number) => number
  readonly seed: number
  readonly pressureNoisePa?: number | undefined
}

/** The mask is warmed by breath. */
const MASK_CEL = 30
const AMBIENT_ADDRESS = 0x77
/** How much cooler a forehead is than the body, to a thermometer without contact. */
export const FOREHEAD_BELOW_CEL = 2.5
/** The chip's own estimate of CO2 wanders about the real one. */
export const ECO2_OVER_CO2 = 1.1

function barometer(world: ChipWorld, address: number) {
  const { clock, ambientPa, gaugePa, roomCel, humidityPercent, seed, pressureNoisePa } = world
  const inRoom = address === AMBIENT_ADDRESS
  return {
    clock,
    pressurePa: (atMs: number) => ambientPa(atMs) + (inRoom ? 0 : gaugePa(atMs)),
    temperatureCel: inRoom ? roomCel : () => MASK_CEL,
    humidityPercent,
    seed: seed + (inRoom ? 3 : 2),
    ...(pressureNoisePa !== undefined && { noisePa: pressureNoisePa }),
  }
}

/** An emulation for every model of the sensor registry. */
export const emulations: Readonly<Record<string, (world: ChipWorld, address: number) => EmulatedChip>> = {
  max30102: ({ clock, light }) => new EmulatedMax30102({ clock, light }),
  max30105: ({ clock, light }) => new EmulatedMax30102({ clock, light, leds: 3 }),
  max30100: ({ clock, light }) => new EmulatedMax30100({ clock, light }),
  tmp117: ({ clock, bodyCel }) => new EmulatedTmp117({ clock, temperatureCel: bodyCel }),
  max30205: ({ clock, bodyCel }) => new EmulatedMax30205({ clock, temperatureCel: bodyCel }),
  mlx90614: ({ clock, bodyCel, roomCel }, address) => new EmulatedMlx90614({ clock, address, objectCel: (atMs) => bodyCel(atMs) - FOREHEAD_BELOW_CEL, ambientCel: roomCel }),
  xgzp6897: ({ clock, gaugePa }) => new EmulatedXgzp6897({ clock, gaugePa }),
  ads1115: ({ clock, gaugePa }) => new EmulatedAds1115({ clock, volt: mpxv7002(gaugePa) }),
  sdp3x: ({ clock, gaugePa }) => new EmulatedSdp({ clock, family: '3x', differencePa: gaugePa }),
  sdp8xx: ({ clock, gaugePa }) => new EmulatedSdp({ clock, family: '8xx', differencePa: gaugePa }),
  bmp280: (world, address) => new EmulatedBmp280(barometer(world, address)),
  bme280: (world, address) => new EmulatedBme280(barometer(world, address)),
  scd4x: ({ clock, co2Ppm, roomCel, humidityPercent }) => new EmulatedScd4x({ clock, co2Ppm, temperatureCel: roomCel, humidityPercent }),
  ccs811: ({ clock, co2Ppm, tvocPpb }) => new EmulatedCcs811({ clock, eco2Ppm: (atMs) => ECO2_OVER_CO2 * co2Ppm(atMs), tvocPpb }),
}
