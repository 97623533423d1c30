// Maxim application note 6845: SpO2 = a R² + b R + c. Kept apart from the agent's own curve, so that one checks the other.
const A = 1.5958422
const B = -34.6596622
const C = 112.6898759

/** SpO2 in per cent that belongs to a ratio of ratios, at most 100. */
export const saturationFromRatio = (ratio: number): number => Math.min(100, A * ratio * ratio + B * ratio + C)

/** The ratio of ratios that belongs to an SpO2 in per cent (the falling branch of the curve). */
export const ratioFromSaturation = (spo2: number): number => (-B - Math.sqrt(B * B - 4 * A * (C - spo2))) / (2 * A)
