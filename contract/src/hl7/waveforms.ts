import { codeOf, type CodedName } from './codes.ts'
import type { SourceWaveform } from './observation.ts'
import { type NumberReading, readNumber } from './numbers.ts'
import type { ObservationRow } from './rows.ts'

/** Attributes that a metric carries in rows of their own below its OBX-4 (IHE PCD-01 facets). */
const RATE = 'MDC_ATTR_SAMP_RATE'
const RESOLUTION = 'MDC_ATTR_NU_MSMT_RES'
/** What sources send for "no sample": the largest and smallest 16-bit numbers. */
const NO_SAMPLE: ReadonlySet<number> = new Set([32_767, -32_768])

/** True for a row about another row or about the source itself: never an observation. */
export function isFacet({ name }: CodedName): boolean {
  return name.startsWith('MDC_ATTR_') || name.startsWith('MDC_EVT_')
}

/** Waveforms (OBX-2 NA) with rate and resolution from the rows whose OBX-4 continues theirs. */
export function readWaveforms(rows: readonly ObservationRow[], timeOf: (row: ObservationRow) => number): readonly SourceWaveform[] {
  const waves = rows.filter(({ obx }) => obx.text(2).trim().toUpperCase() === 'NA')
  if (waves.length === 0) return []
  const facets = facetsOf(rows)
  return waves.map((row) => {
    const { obx } = row
    const facet = (name: string) => {
      const reading = facets.get(`${name} ${obx.text(4)}`)
      return reading?.ok ? reading.value : undefined
    }
    return {
      row: row.row,
      code: codeOf(obx),
      samples: obx.componentsOfEach(5).flatMap((components) => components.map(sampleOf)),
      rateHz: facet(RATE),
      perStep: facet(RESOLUTION),
      timeMs: timeOf(row),
    }
  })
}

/** The containment tree of a device has five levels. */
const DEEPEST = 8

/** Rate and resolution of whatever they stand below, by name and OBX-4 of that; of two the first. */
function facetsOf(rows: readonly ObservationRow[]): ReadonlyMap<string, NumberReading> {
  const found = new Map<string, NumberReading>()
  for (const { obx } of rows) {
    const name = obx.text(3, 2).trim()
    if (name !== RATE && name !== RESOLUTION) continue
    const levels = obx.text(4).split('.', DEEPEST)
    for (let depth = levels.length - 1; depth > 0; depth--) {
      const key = `${name} ${levels.slice(0, depth).join('.')}`
      if (!found.has(key)) found.set(key, readNumber(obx.text(5)))
    }
  }
  return found
}

function sampleOf(text: string): number | null {
  const reading = readNumber(text)
  return reading.ok && !NO_SAMPLE.has(reading.value) ? reading.value : null
}
