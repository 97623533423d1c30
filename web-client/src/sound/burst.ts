/** One pulse of an auditory alarm signal; times in s from the start of the burst. */
export interface Pulse {
  readonly atS: number
  readonly lengthS: number
  readonly hz: number
}

export type Loudness = 'high' | 'medium' | 'low'
/** What the melody speaks of; the melodies of IEC 60601-1-8:2006+A1, table F.1. */
export type Category = 'general' | 'heart' | 'oxygen' | 'breath' | 'temperature'

/** Semitones above c' (261.6 Hz). */
const NOTES: Readonly<Record<string, number>> = { c: 0, d: 2, e: 4, f: 5, g: 7, a: 9, b: 11, C: 12 }
const MIDDLE_C_HZ = 261.63
const pitch = (note: string): number => MIDDLE_C_HZ * 2 ** ((NOTES[note] ?? 0) / 12)

const melodies: Readonly<Record<Category, string>> = { general: 'c c c c c', heart: 'c e g g C', oxygen: 'C b a g f', breath: 'c a f a f', temperature: 'c d e f g' }

const high = { lengthS: 0.15, gapS: 0.1, betweenS: 0.35, halfS: 0.6 }
const medium = { lengthS: 0.2, gapS: 0.2 }

/**
 * The burst of a priority: ten pulses (3 + 2, then the same again) for high, three for medium, two for low. A high alarm is
 * quicker and its pulses shorter, so that the priorities are told apart by rhythm alone.
 */
export function burstOf(priority: Loudness, category: Category = 'general'): readonly Pulse[] {
  const melody = melodies[category].split(' ').map(pitch)
  if (priority === 'high') return [0, 1].flatMap((half) => highHalf(melody, half * halfLengthS()))
  if (priority === 'medium') return melody.slice(0, 3).map((hz, i) => ({ hz, atS: i * (medium.lengthS + medium.gapS), lengthS: medium.lengthS }))
  return ['e', 'c'].map((note, i) => ({ hz: pitch(note), atS: i * 0.35, lengthS: 0.25 }))
}

const step = high.lengthS + high.gapS
const halfLengthS = (): number => 3 * step + high.betweenS + 2 * step + high.halfS

function highHalf(melody: readonly number[], startS: number): Pulse[] {
  return melody.map((hz, i) => ({ hz, lengthS: high.lengthS, atS: startS + i * step + (i > 2 ? high.betweenS : 0) }))
}

/** How often the burst comes again while the alarm stands unanswered, ms. Low, and what was over before anyone saw it, reminds. */
export const repeatMs: Readonly<Record<Loudness, number>> = { high: 7_000, medium: 12_000, low: 30_000 }

const categories: Readonly<Record<string, Category>> = { hr: 'heart', pr: 'heart', spo2: 'oxygen', rr: 'breath', etco2: 'breath', pip: 'breath', peep: 'breath', temp: 'temperature', tcore: 'temperature', tskin: 'temperature' }

/** The melody for a condition (`low:spo2`, `apnoea`); what is not physiological sounds general. */
export function categoryOf(condition: string): Category {
  const [type = '', signal = ''] = condition.split(':')
  if (type === 'apnoea') return 'breath'
  return ['low', 'high', 'desat', 'rate'].includes(type) ? (categories[signal] ?? 'general') : 'general'
}
