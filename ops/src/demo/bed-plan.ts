import type { RecordingLibrary } from '@vigil/edge-agent'

/** Everything about one demo bed, the same at every start. */
export interface BedPlan {
  readonly index: number
  readonly device: string
  readonly bed: { readonly id: string; readonly label: string }
  readonly patient: { readonly identifier: string; readonly familyName: string; readonly givenName: string; readonly birthDate: string; readonly sex: 'female' | 'male'; readonly reason: string }
  /** Finger recording that feeds the oximeter, and where in it the bed begins, seconds. */
  readonly pulse: string
  readonly startOffsetS: number
  /** Ratio of ratios the red light is made with. */
  readonly ratioOfRatios: number
  /** Mask recording, or none: then the bed has no breathing pressure. */
  readonly mask: string | undefined
  readonly baseTempCel: number
  readonly thermometer: 'tmp117' | 'max30205'
  readonly seed: number
}

export const DEMO_SITE = 'main'
/** Most beds: what one screen shows and one process feeds. */
export const MOST_BEDS = 48

// Obviously nobody: colours and trees.
const familyNames = ['Amber', 'Birch', 'Cobalt', 'Dogwood', 'Ebony', 'Fern', 'Grey', 'Hazel', 'Indigo', 'Juniper', 'Khaki', 'Larch']
const givenNames = ['Demo One', 'Demo Two', 'Demo Three', 'Demo Four']
const reasons = ['Demo: observation after surgery', 'Demo: sleep apnoea, CPAP', 'Demo: pneumonia', 'Demo: heart failure, weaning', 'Demo: COPD', 'Demo: observation']
/** About 99, 97.5, 96, 95, 93.5 and 92 % on the default curve. */
const ratios = [0.4, 0.45, 0.5, 0.53, 0.58, 0.62]
const OFFSET_STEP_S = 97
/**
 * People whose breathing stays within an adult's alarm limits from the first second of their recording to the last. The other five breathe at 5 to 7 or at 30 to 60
 * a minute for part of it, which would ring every two minutes: in a demo ward an alarm comes from a scenario, or means something.
 */
const calmMasks = ['mask-01', 'mask-05', 'mask-06']
/** Every fourth patient breathes without a mask. */
const WITHOUT_MASK = 4

/** The plan of the first `count` beds; bed 7 is the same bed whether there are 8 or 40. */
export function planBeds(count: number, library: RecordingLibrary): BedPlan[] {
  return Array.from({ length: Math.min(count, MOST_BEDS) }, (_, index) => planBed(index, library))
}

const pick = <T>(list: readonly T[], index: number): T => list[index % list.length] as T

function planBed(index: number, { pulseIds }: RecordingLibrary): BedPlan {
  const number = String(index + 1).padStart(2, '0')
  return {
    index,
    device: `demo-${number}`,
    bed: { id: `demo-bed-${number}`, label: `D${number}` },
    patient: {
      identifier: `DEMO-${number}`,
      familyName: pick(familyNames, index),
      givenName: pick(givenNames, Math.floor(index / familyNames.length)),
      birthDate: `${1938 + ((index * 7) % 50)}-0${1 + (index % 9)}-15`,
      sex: index % 2 === 0 ? 'female' : 'male',
      reason: pick(reasons, index),
    },
    pulse: pick(pulseIds, index),
    startOffsetS: index * OFFSET_STEP_S,
    ratioOfRatios: pick(ratios, index),
    mask: index % WITHOUT_MASK === WITHOUT_MASK - 1 ? undefined : pick(calmMasks, index),
    baseTempCel: 36.4 + ((index * 3) % 11) / 10,
    thermometer: index % 3 === 2 ? 'max30205' : 'tmp117',
    seed: 1_000 + index,
  }
}

/** What a nurse or an engineer may read beside the device, so that nobody takes it for a patient. */
export function noteOf({ pulse, startOffsetS, ratioOfRatios, mask }: BedPlan, historyHours: number): string {
  const breathing = mask === undefined ? 'no mask' : `mask recording ${mask}`
  const past = historyHours > 0 ? ` The ${historyHours} h before the first start are synthetic.` : ''
  return `DEMO: not a patient. Real agent code on emulated sensors, fed by finger recording ${pulse} from second ${startOffsetS} (red light made at a ratio of ratios of ${ratioOfRatios}) and ${breathing}.${past}`
}
