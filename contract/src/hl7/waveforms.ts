import { codeOf, type CodedName } from './codes.ts'
import type { SourceWaveform } from './observation.ts'
import { readNumber } from './numbers.ts'
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
  return rows
    .filter(({ obx }) => obx.text(2).trim().toUpperCase() === 'NA')
    .map((row) => {
      const { obx } = row
      const facets = rows.filter((other) => other.obx.text(4).startsWith(`${obx.text(4)}.`))
      const facet = (name: string) => {
        const found = facets.find((other) => other.obx.text(3, 2).trim() === name)
        const reading = found && readNumber(found.obx.text(5))
        return reading?.ok ? reading.value : undefined
      }
      return {
        row: row.row,
        code: codeOf(obx),
        samples: obx.repetitions(5).flatMap((_, repetition) => obx.components(5, repetition).map(sampleOf)),
        rateHz: facet(RATE),
        perStep: facet(RESOLUTION),
        timeMs: timeOf(row),
      }
    })
}

function sampleOf(text: string): number | null {
  const reading = readNumber(text)
  return reading.ok && !NO_SAMPLE.has(reading.value) ? reading.value : null
}
