/**
 * How the ratio of ratios R becomes a saturation: SpO2 = a R^2 + b R + c, in per cent. A curve belongs to one optical
 * assembly, so a device keeps its own, by name and version, and every value can be traced to it.
 */
export interface SpO2Curve {
  readonly name: string
  readonly version: number
  readonly a: number
  readonly b: number
  readonly c: number
}

/** Maxim application note 6845 / MAX32664: the best of the published curves on induced hypoxia (70-98 %). */
export const an6845: SpO2Curve = { name: 'AN6845', version: 1, a: 1.5958422, b: -34.6596622, c: 112.6898759 }

/** A comparison of this board with a reference oximeter on the same person. */
export interface CalibrationPoint {
  readonly ratio: number
  /** Per cent, by the reference. */
  readonly spo2: number
}

export type Recalibration = { readonly ok: true; readonly curve: SpO2Curve } | { readonly ok: false; readonly why: string }

export function spo2At({ a, b, c }: SpO2Curve, ratio: number): number {
  return (a * ratio + b) * ratio + c
}

const CLOSEST_RATIOS = 0.05

/**
 * A curve through two or three reference points. Two points move and tilt the old curve and keep its bend; three points give a
 * new bend too. Refused when the points cannot carry that: too few, too close together, out of range, or a curve that does not fall.
 */
export function recalibrate(old: SpO2Curve, points: readonly CalibrationPoint[]): Recalibration {
  if (points.length < 2 || points.length > 3) return refused('Give two or three reference points.')
  if (points.some((p) => !(p.spo2 >= 60 && p.spo2 <= 100) || !(p.ratio > 0.2 && p.ratio < 2.5))) {
    return refused('A reference point must lie between 60 and 100 % with a ratio between 0.2 and 2.5.')
  }
  const [p, q, r] = [...points].sort((x, y) => x.ratio - y.ratio) as [CalibrationPoint, CalibrationPoint, CalibrationPoint?]
  if (q.ratio - p.ratio < CLOSEST_RATIOS || (r && r.ratio - q.ratio < CLOSEST_RATIOS)) {
    return refused('The reference points are too close together; take them at clearly different saturations.')
  }
  const bend = r ? (slope(q, r) - slope(p, q)) / (r.ratio - p.ratio) : old.a
  const tilt = slope(p, q) - bend * (p.ratio + q.ratio)
  const curve = { name: old.name, version: old.version + 1, a: bend, b: tilt, c: p.spo2 - (bend * p.ratio + tilt) * p.ratio }
  if (!falls(curve, p.ratio) || !falls(curve, (r ?? q).ratio)) return refused('Saturation must fall as the ratio rises; check the reference readings.')
  return seesHypoxia(curve) ? { ok: true, curve } : refused('These points would hide hypoxia; take them at clearly different saturations.')
}

// Up to where blood is: a bend that is fitted to healthy saturations may turn upwards beyond them.
const HIGHEST_RATIO = 1.9
// The flattest curve in use (104 - 17 R) reads 78.5 there.
const HYPOXIC = { ratio: 1.5, spo2: 85 } as const

const slope = (p: CalibrationPoint, q: CalibrationPoint): number => (q.spo2 - p.spo2) / (q.ratio - p.ratio)
const falls = ({ a, b }: SpO2Curve, ratio: number): boolean => 2 * a * ratio + b < 0
const seesHypoxia = (curve: SpO2Curve): boolean => falls(curve, HIGHEST_RATIO) && spo2At(curve, HYPOXIC.ratio) <= HYPOXIC.spo2
const refused = (why: string): Recalibration => ({ ok: false, why })
