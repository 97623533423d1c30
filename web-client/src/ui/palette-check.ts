/** How well colours are told apart and read: the same sums in the settings and in the test of the shipped palette. */
export const signalColours = ['heart', 'oxygen', 'breath', 'temperature', 'pressure'] as const
export type SignalColour = (typeof signalColours)[number]

type Triple = readonly [number, number, number]

// Machado, Oliveira, Fernandes 2009, severity 1.0, on linear RGB.
const visionMatrix = {
  normal: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  protan: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
  deutan: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
  tritan: [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039],
} as const
export type Vision = keyof typeof visionMatrix
export const visions = Object.keys(visionMatrix) as readonly Vision[]

/** Least distance of two signals. In tritan vision (one person in ten thousand) pairs are nearer; label and line style tell those apart. */
export const leastDistance: Readonly<Record<Vision, number>> = { normal: 0.17, protan: 0.17, deutan: 0.17, tritan: 0.14 }
/** Least distance of a signal and the fill of an alarm, in normal vision: the shipped pressure comes that near to a high alarm. */
const LEAST_FROM_ALARM = 0.12
/** WCAG 2.2, 1.4.3. */
export const LEAST_CONTRAST = 4.5

const linear = (c: number): number => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
const rgb = (hex: string): Triple => [1, 3, 5].map((i) => linear(parseInt(hex.slice(i, i + 2), 16) / 255)) as unknown as Triple
const luminance = ([r, g, b]: Triple): number => 0.2126 * r + 0.7152 * g + 0.0722 * b

/** `#abc` in full: a style sheet that was made small writes it so. */
export const fullHex = (css: string): string => css.trim().replace(/^#([0-9a-f])([0-9a-f])([0-9a-f])$/i, '#$1$1$2$2$3$3')

export function contrast(a: string, b: string): number {
  const [x, y] = [luminance(rgb(a)), luminance(rgb(b))]
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05)
}

/** Björn Ottosson's OKLab, of what a person with this vision sees. */
function oklab(hex: string, vision: Vision): Triple {
  const seen = rgb(hex)
  const m = visionMatrix[vision]
  const [r, g, b] = [0, 3, 6].map((i) => Math.min(1, Math.max(0, (m[i] as number) * seen[0] + (m[i + 1] as number) * seen[1] + (m[i + 2] as number) * seen[2]))) as unknown as Triple
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
  const M = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
  return [0.2104542553 * l + 0.793617785 * M - 0.0040720468 * s, 1.9779984951 * l - 2.428592205 * M + 0.4505937099 * s, 0.0259040371 * l + 0.7827717662 * M - 0.808675766 * s]
}

export function distance(a: string, b: string, vision: Vision): number {
  const [x, y] = [oklab(a, vision), oklab(b, vision)]
  return Math.hypot(x[0] - y[0], x[1] - y[1], x[2] - y[2])
}

export interface Nearest {
  readonly other: string
  readonly vision: Vision
  readonly distance: number
  /** Far enough for this vision. */
  readonly ok: boolean
}

/**
 * The colour that is hardest to tell from this one, over all visions, each measured by what that vision needs.
 *
 * @param alarms kept apart in normal vision: an alarm also has its shape, its marks and its word, and green is near to red for many
 */
export function nearest(colour: string, others: Readonly<Record<string, string>>, alarms: Readonly<Record<string, string>> = {}): Nearest | undefined {
  const against = (colours: Readonly<Record<string, string>>, by: readonly Vision[], least: (vision: Vision) => number) =>
    Object.entries(colours).flatMap(([other, hex]) => by.map((vision) => ({ other, vision, distance: distance(colour, hex, vision), least: least(vision) })))
  const all = [...against(others, visions, (vision) => leastDistance[vision]), ...against(alarms, ['normal'], () => LEAST_FROM_ALARM)]
  const [worst] = all.sort((a, b) => a.distance / a.least - b.distance / b.least)
  return worst && { other: worst.other, vision: worst.vision, distance: worst.distance, ok: worst.distance >= worst.least }
}
