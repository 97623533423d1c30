import type { SignalName } from '@vigil/contract/catalogue'
import type { LedControl } from '../sensors/define-sensor.ts'
import type { Reading } from '../sensors/reading.ts'
import type { Estimate } from '../signals/maths/estimate.ts'
import { max30102Leds, nextLedCurrent } from '../signals/light/led-current.ts'
import { createLightLevel, type LightLevel } from '../signals/light/light-level.ts'
import type { SpO2Curve } from '../signals/light/spo2-curve.ts'
import { createTemperatureJudge, isTemperature } from '../signals/temperature.ts'
import { createGreenPulse } from './green-pulse.ts'
import { createVitalSigns, type VitalChannel } from '../signals/vital-signs.ts'
import type { VitalSigns } from './measurement.ts'

/** Counts at which the converter of the oximeter is full: 18 bits. */
const FULL_SCALE = 0x3ffff
const OXIMETER_HZ = 25

const vitalChannels: ReadonlySet<string> = new Set<VitalChannel>(['red', 'ir', 'mask_pressure', 'ambient_pressure', 'mask_gauge'])
const isVital = (name: string): name is VitalChannel => vitalChannels.has(name)

/** The signal processing, fed with what drivers say, and the oximeter's light, which follows from what it sees. */
export interface SensorSignals {
  readonly vitalSigns: VitalSigns
  adjustLeds(leds: LedControl): Promise<void>
}

/** `spontaneous`: drawing breath lowers the pressure in the mask; `ventilated`: a machine pushes it up. */
export type BreathingKind = 'spontaneous' | 'ventilated'

export function createSensorSignals(breathing: BreathingKind = 'spontaneous', curve?: SpO2Curve): SensorSignals {
  const green = createGreenPulse()
  const signals = createVitalSigns({ fullScale: FULL_SCALE, curve, polarity: breathing === 'spontaneous' ? 'dip' : 'rise' })
  const light = { red: createLightLevel({ hz: OXIMETER_HZ, fullScale: FULL_SCALE }), ir: createLightLevel({ hz: OXIMETER_HZ, fullScale: FULL_SCALE }) }

  return {
    vitalSigns: {
      push(reading: Reading) {
        if (reading.kind === 'absent' && isVital(reading.of)) signals.missing(reading.of, reading.reason)
        if (reading.kind !== 'block') return
        if (reading.channel === 'green') green.push(reading)
        else signals.push(reading.channel, reading)
        if (reading.channel === 'red' || reading.channel === 'ir') for (const count of reading.values) light[reading.channel].push(count)
      },
      second: () => green.helpOut(signals.second()),
    },
    adjustLeds: (leds) => followLight(leds, light),
  }
}

/** Brighter or darker, so that the light that comes back lies well inside the converter's range. */
async function followLight(leds: LedControl, light: { readonly red: LightLevel; readonly ir: LightLevel }): Promise<void> {
  const range = { ...max30102Leds, maxMa: leds.maximumMa }
  const next = (level: LightLevel, currentMa: number): number => {
    const { dc, fingerOn } = level.read()
    return dc === 0 ? currentMa : nextLedCurrent({ dc, fullScale: leds.fullScale, currentMa, fingerOn }, range)
  }
  const wanted = { redMa: leds.nearest(next(light.red, leds.current.redMa)), irMa: leds.nearest(next(light.ir, leds.current.irMa)) }
  // The same step of the chip is no change, and a change costs the stream.
  if (wanted.redMa !== leds.current.redMa || wanted.irMa !== leds.current.irMa) await leds.set(wanted)
}

/** What a value read from a sensor means: a thermometer's follows rules, anything else is taken as it is. */
export function createValueJudge(): (signal: SignalName, value: number, atMs: number) => Estimate {
  const judgeTemperature = createTemperatureJudge()
  return (signal, value, atMs) => (isTemperature(signal) ? judgeTemperature(signal, value, atMs / 1_000) : { value, sq: 100 })
}
