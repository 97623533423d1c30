/** What a simulated monitor shows at one moment. Blood pressure only when a cuff was just inflated. */
export interface BedsideVitals {
  readonly hr: number
  readonly pr: number
  readonly spo2: number
  readonly rr: number
  /** Degrees Celsius. */
  readonly temp: number
  readonly sys: number | undefined
  readonly dia: number | undefined
}

const CUFF_EVERY_S = 300

/** Slow swings about values of its own for each bed; the same bed at the same time gives the same. */
export function vitalsOf(bed: number, atMs: number): BedsideVitals {
  const s = atMs / 1_000
  const phase = bed * 2.399_963
  const swing = (periodS: number, height: number) => height * Math.sin((2 * Math.PI * s) / periodS + phase)
  const hr = Math.round(72 + 10 * Math.sin(phase) + swing(600, 5) + swing(47, 2))
  const cuff = Math.floor(s) % CUFF_EVERY_S === (bed * 7) % CUFF_EVERY_S
  return {
    hr,
    pr: hr,
    spo2: Math.round(96.5 + 1.2 * Math.cos(phase) + swing(420, 0.8)),
    rr: Math.round(15 + 2 * Math.cos(phase * 1.7) + swing(310, 1.5)),
    temp: 36.7 + 0.3 * Math.sin(phase * 2.3) + swing(43_200, 0.3),
    sys: cuff ? Math.round(122 + 9 * Math.sin(phase) + swing(3_600, 6)) : undefined,
    dia: cuff ? Math.round(77 + 5 * Math.sin(phase) + swing(3_600, 4)) : undefined,
  }
}

/** One second of a pulse wave in steps of the monitor: a steep rise and a notch on the way down. */
export function plethysmogram(pulseRate: number, atMs: number, hz: number): readonly number[] {
  return Array.from({ length: hz }, (_, i) => {
    const beat = (((atMs / 1_000 + i / hz) * pulseRate) / 60) % 1
    const rise = Math.exp(-((beat - 0.15) ** 2) / 0.006)
    const notch = 0.35 * Math.exp(-((beat - 0.42) ** 2) / 0.012)
    return Math.round(2_000 * (rise + notch))
  })
}
