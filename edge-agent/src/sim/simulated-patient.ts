import { type Disturbance, undisturbed } from './disturbance.ts'
import type { MaskRecording, PulseRecording } from './recording.ts'
import { ratioFromSaturation, saturationFromRatio } from './saturation-curve.ts'
import { slowWave, type Swing } from './seeded-noise.ts'
import { durationS, valueAt, type Waveform } from './waveform.ts'

export interface SimulatedPatientOptions {
  readonly pulse: PulseRecording
  /** No mask, no breathing pressure. */
  readonly mask?: MaskRecording | undefined
  /** Where in the recordings time 0 lies. */
  readonly startOffsetS?: number
  /** The ratio of ratios the red light is made with, or `recorded`: the one that belongs to what the oximeters showed then. */
  readonly ratioOfRatios: number | 'recorded'
  readonly baseTempCel?: number
  /** Chooses weather, temperature swings and noise. */
  readonly seed: number
  /** What goes wrong with this patient, if anything. */
  readonly disturbance?: Disturbance | undefined
}

/** What is true of a simulated patient at one moment, to compare an answer with. */
export interface Truth {
  /** Beats a minute by the ECG of the recorded person, or `undefined` where it had none. */
  readonly heartRate: number | undefined
  readonly spo2: number
  readonly temperatureCel: number
  /** Breaths a minute of the person whose finger it is, by the capnograph. */
  readonly pulseBreathsPerMinute: number | undefined
  readonly ambientPa: number
  readonly mask: { readonly cmH2O: number; readonly breathsPerMinute: number } | undefined
}

/** A patient as a function of time: `tS` is seconds since the start and may be negative. */
export interface SimulatedPatient {
  /** Photocurrent in nA for each mA of LED current, finger on. */
  readonly light: (led: 'red' | 'ir' | 'green', tS: number) => number
  readonly maskPa: (tS: number) => number
  /** Pressure in the mask above that of the room; 0 without a mask. */
  readonly gaugePa: (tS: number) => number
  readonly ambientPa: (tS: number) => number
  readonly temperatureCel: (tS: number) => number
  readonly truth: (tS: number) => Truth
}

export const PASCAL_PER_CMH2O = 98.0665

// With the chip's usual 6.2 mA and 4096 nA full scale these stand at about 52 % (infrared) and 42 % (red) of full scale.
const NA_PER_MA = { ir: 343.5, red: 277.5, green: 150 } as const
/** Blood absorbs green so much more strongly than infrared that its pulse is about twice as high. */
const GREEN_EXPONENT = 2

const hour = 3_600
const weather: readonly Swing[] = [
  { height: 220, periodS: 17 * hour },
  { height: 40, periodS: 2.3 * hour },
]
const bodyTemperature: readonly Swing[] = [
  { height: 0.25, periodS: 24 * hour },
  { height: 0.04, periodS: 0.4 * hour },
]
const SEA_LEVEL_PA = 101_325
/** A healthy adult's, where an oximeter of the recording showed nothing. */
const USUAL_SATURATION = 97
const HALF_SMOOTHING_S = 7

export function simulatePatient(options: SimulatedPatientOptions): SimulatedPatient {
  const { pulse, mask, startOffsetS = 0, ratioOfRatios, baseTempCel = 36.8, seed, disturbance = undisturbed } = options
  const recordedS = (tS: number): number => tS + startOffsetS
  const referenceS = (tS: number): number => looped(recordedS(tS), durationS(pulse.infrared))

  const recordedRatio = ratioOfRatios === 'recorded' ? ratioOfRecording(pulse) : undefined
  const usualRatio = (tS: number): number => (recordedRatio ? valueAt(recordedRatio, referenceS(tS)) : Number(ratioOfRatios))
  const ratioAt = (tS: number): number => disturbedRatio(usualRatio(tS), disturbance, tS)
  const meanCmH2O = mask ? meanOf(mask.cmH2O) : 0
  const maskCmH2O = (tS: number): number => (mask ? meanCmH2O + disturbance.breathing(tS) * (valueAt(mask.cmH2O, recordedS(tS)) - meanCmH2O) : 0)
  const ambientPa = (tS: number): number => SEA_LEVEL_PA + slowWave(seed, weather, tS)
  const temperatureCel = (tS: number): number => baseTempCel + slowWave(seed + 1, bodyTemperature, tS) + disturbance.feverCel(tS)

  return {
    light(led, tS) {
      const infrared = valueAt(pulse.infrared, recordedS(tS))
      // Beer and Lambert: the logarithm of red moves R times as far as that of infrared, whatever the slow level does.
      if (led === 'green') return NA_PER_MA.green * infrared ** GREEN_EXPONENT
      return NA_PER_MA[led] * (led === 'ir' ? infrared : infrared ** ratioAt(tS))
    },
    maskPa: (tS) => ambientPa(tS) + maskCmH2O(tS) * PASCAL_PER_CMH2O,
    gaugePa: (tS) => maskCmH2O(tS) * PASCAL_PER_CMH2O,
    ambientPa,
    temperatureCel,
    truth: (tS) => ({
      heartRate: pulse.reference.heartRateAt(referenceS(tS)),
      spo2: saturationFromRatio(ratioAt(tS)),
      temperatureCel: temperatureCel(tS),
      pulseBreathsPerMinute: pulse.reference.breathingRateAt(referenceS(tS)),
      ambientPa: ambientPa(tS),
      mask: mask && { cmH2O: maskCmH2O(tS), breathsPerMinute: mask.breathsPerMinute },
    }),
  }
}

/**
 * The ratio that makes the red light show what the oximeters showed. Smoothed over 15 s, about what an oximeter averages over:
 * their whole per cents would otherwise become steps in the red light.
 */
function ratioOfRecording({ infrared, reference }: PulseRecording): Waveform {
  const seconds = Math.floor(durationS(infrared))
  const shown = Array.from({ length: seconds }, (_, s) => ratioFromSaturation(reference.spo2At(s) ?? USUAL_SATURATION))
  const smooth = Float32Array.from(shown, (_, s) => {
    const around = shown.slice(Math.max(0, s - HALF_SMOOTHING_S), s + HALF_SMOOTHING_S + 1)
    return around.reduce((sum, ratio) => sum + ratio, 0) / around.length
  })
  return { hz: 1, values: smooth }
}

/** The ratio stays exactly what it was unless somebody disturbs it: the curve's inverse is not exact at 100 %. */
function disturbedRatio(usual: number, disturbance: Disturbance, tS: number): number {
  const spo2 = saturationFromRatio(usual)
  const wanted = disturbance.saturation(spo2, tS)
  return wanted === spo2 ? usual : ratioFromSaturation(wanted)
}

const meanOf = ({ values }: Waveform): number => values.reduce((sum, value) => sum + value, 0) / values.length

const looped = (tS: number, lengthS: number): number => ((tS % lengthS) + lengthS) % lengthS
