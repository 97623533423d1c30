import { AppError } from '@vigil/contract/errors'
import { type MonitorReference, parseMonitorReference } from './monitor-reference.ts'
import type { Waveform } from './waveform.ts'

/** The finger of a real person, with what the monitors beside the bed showed. */
export interface PulseRecording {
  readonly id: string
  /** Reflected infrared light as a fraction of its mean; systole is a dip. */
  readonly infrared: Waveform
  readonly reference: MonitorReference
}

/** The pressure in a real CPAP mask. */
export interface MaskRecording {
  readonly id: string
  readonly cmH2O: Waveform
  /** Mean over the recording, counted on the recorder's flow signal, to about ±1. */
  readonly breathsPerMinute: number
  /** Samples that were not numbers and were bridged from their neighbours. */
  readonly bridged: number
}

const CAMERA_HZ = 30
const GREEN_COLUMN = 1
/** Blood absorbs green light much more strongly than infrared: the square root brings the pulse to the height a real sensor sees. */
const INFRARED_PER_GREEN = 0.5

const MASK_HZ = 100
const PRESSURE_COLUMN = 1
const cmH2OFromCounts = (counts: number): number => (25.4 / (14_745 - 1_638)) * (counts - 1_638)
/** The recorder settles for a few samples at both ends. */
const SETTLING_SAMPLES = 5

/** @throws AppError `INVALID_REQUEST` when a file holds no numbers. */
export function parsePulseRecording(id: string, pulseCsv: string, referenceCsv: string): PulseRecording {
  const { values: green } = numbersOfColumn(pulseCsv, GREEN_COLUMN)
  const mean = green.reduce((sum, value) => sum + value, 0) / green.length
  const infrared = green.map((value) => (value / mean) ** INFRARED_PER_GREEN)
  return { id, infrared: { hz: CAMERA_HZ, values: infrared }, reference: parseMonitorReference(referenceCsv) }
}

/** @throws AppError `INVALID_REQUEST` when the file holds no numbers. */
export function parseMaskRecording(id: string, csv: string, breathsPerMinute: number): MaskRecording {
  const { values: counts, bridged } = numbersOfColumn(csv, PRESSURE_COLUMN)
  const settled = counts.subarray(SETTLING_SAMPLES, -SETTLING_SAMPLES)
  return { id, cmH2O: { hz: MASK_HZ, values: settled.map(cmH2OFromCounts) }, breathsPerMinute, bridged }
}

/** A column of a CSV file; cells that are not numbers get the value half way between their neighbours. */
function numbersOfColumn(csv: string, column: number): { values: Float32Array; bridged: number } {
  const [, ...rows] = csv.trim().split('\n')
  const cells = rows.map((row) => row.split(',')[column]?.trim())
  const values = Float32Array.from(cells, (cell) => (cell ? Number(cell) : Number.NaN))
  const known = values.filter((value) => !Number.isNaN(value))
  if (known.length === 0) throw new AppError('INVALID_REQUEST', 'The recording holds no numbers in the expected column', { details: { column } })
  return { values: values.map((value, i) => (Number.isNaN(value) ? bridge(values, i) : value)), bridged: values.length - known.length }
}

function bridge(values: Float32Array, gap: number): number {
  const isKnown = (value: number): boolean => !Number.isNaN(value)
  const before = values.subarray(0, gap).findLast(isKnown)
  const after = values.subarray(gap + 1).find(isKnown)
  return ((before ?? after ?? 0) + (after ?? before ?? 0)) / 2
}
