import type { Signal } from '../catalogue.ts'
import { isNumericType, readValues } from './row-values.ts'
import { codeOf } from './codes.ts'
import type { Message, Segment } from './message.ts'
import { readLimits } from './numbers.ts'
import type { Observation, PatientResult, RefusedRow, ResultStatus, TimeSource, UnmappedValue, Withdrawal } from './observation.ts'
import { readPatient } from './patient.ts'
import { type ObservationRow, rowsByPatient } from './rows.ts'
import { matchOwn, type SourceCode } from './source-codes.ts'
import { readTime } from './time.ts'
import { toCatalogueUnit, type UnitWarning } from './units.ts'
import { isFacet, readWaveforms } from './waveforms.ts'

export interface SourceProfile {
  /** Zone of stamps that name none, minutes east of Greenwich. */
  readonly offsetMinutes: number
  /** The source sends given^family in PID-5. */
  readonly givenFirst: boolean
  /** What a person said the source's own codes mean. */
  readonly codes?: readonly SourceCode[]
}

export interface ReadContext extends SourceProfile {
  /** Milliseconds since the Unix epoch; the time of a row that names none. */
  readonly receivedMs: number
}

/** Table 0085. What is not here (X, I, S, O, N, U) has no result to give. */
const STATUS: Readonly<Record<string, ResultStatus>> = { '': 'final', F: 'final', P: 'preliminary', R: 'preliminary', C: 'corrected' }
const WITHDRAWN: ReadonlySet<string> = new Set(['W', 'D'])

/** Reads the observations of an ORU message, patient by patient; every row ends in exactly one of the lists, or said nothing. */
export function readObservations(message: Message, context: ReadContext): readonly PatientResult[] {
  return rowsByPatient(message).map(({ pid, pv1, rows }) => {
    const found = nothingFound()
    for (const row of rows) readRow(row, message.header, context, found)
    return { patient: readPatient(pid, pv1, context.givenFirst), ...found, waveforms: readWaveforms(rows, (row) => timeOf(row, message.header, context).timeMs) }
  })
}

interface Found {
  readonly observations: Observation[]
  readonly unmapped: UnmappedValue[]
  readonly refused: RefusedRow[]
  readonly withdrawn: Withdrawal[]
}

function nothingFound(): Found {
  return { observations: [], unmapped: [], refused: [], withdrawn: [] }
}

function readRow(row: ObservationRow, header: Segment, context: ReadContext, found: Found): void {
  const { obx } = row
  const code = codeOf(obx)
  // Rows that describe the tree, attributes of a neighbour, and text are no measured numbers.
  if (!isNumericType(obx) || isFacet(code)) return
  const place = { row: row.row, code }
  const { match, unit } = matchOwn(obx, context.codes, context.receivedMs)
  if (match.kind === 'contradiction') return void found.refused.push({ ...place, why: 'CONTRADICTORY_CODES' })
  const time = timeOf(row, header, context)
  const letter = obx.text(11).trim().toUpperCase()
  if (WITHDRAWN.has(letter)) return void found.withdrawn.push({ ...place, signal: match.kind === 'signal' ? match.signal : undefined, timeMs: time.timeMs })
  const status = STATUS[letter]
  if (status === undefined) return void found.refused.push({ ...place, why: 'NO_RESULT' })
  const [around, ownUnit] = [surroundings(row), obx.wholeText(6)]
  for (const reading of readValues(obx)) {
    if (!reading.ok) found.refused.push({ ...place, why: reading.why })
    else if (match.kind === 'unknown') found.unmapped.push({ ...place, value: reading.value, unit: ownUnit, timeMs: time.timeMs })
    else {
      const carried = believed(reading.value, unit, match.signal)
      if (typeof carried === 'string') found.refused.push({ ...place, why: carried })
      else {
        const warnings = [match.warning, ...reading.warnings, carried.warning].filter((warning) => warning !== undefined)
        found.observations.push({ ...place, ...time, ...around, signal: match.signal, value: carried.value, status, warnings })
      }
    }
  }
}

/** A value in the catalogue's unit, or why it cannot be one: another quantity, or outside what the signal can be. */
function believed(value: number, unit: readonly string[], { ucum, plausible: [low, high] }: Signal): { value: number; warning: UnitWarning | undefined } | 'UNIT_MISMATCH' | 'IMPLAUSIBLE' {
  const carried = toCatalogueUnit(value, unit, ucum)
  if (!carried.ok) return 'UNIT_MISMATCH'
  return carried.value < low || carried.value > high ? 'IMPLAUSIBLE' : carried
}

function surroundings({ obx, notes }: ObservationRow) {
  const channel = obx.text(4).split('.').slice(0, 3).join('.')
  return {
    ...readLimits(obx.wholeText(7)),
    channel: channel === '' ? undefined : channel,
    flags: obx.texts(8),
    equipment: obx.text(18, 3) || obx.text(18, 1) || undefined,
    notes,
  }
}

/** When a row was measured: its own stamp, else its request's, else the message's, else the moment it came. */
export function timeOf({ obx, obr }: Pick<ObservationRow, 'obx' | 'obr'>, header: Segment, { offsetMinutes, receivedMs }: ReadContext): { timeMs: number; timeSource: TimeSource; zoned: boolean } {
  const stamps: [TimeSource, string][] = [
    ['OBX-14', stampOf(obx, 14)],
    ['OBR-7', stampOf(obr, 7)],
    ['MSH-7', stampOf(header, 7)],
  ]
  // A stamp without a zone borrows the one its message's own stamp names.
  const zone = zoneOf(stampOf(header, 7)) ?? offsetMinutes
  for (const [timeSource, stamp] of stamps) {
    const time = readTime(stamp, zone)
    if (time) return { timeMs: time.ms, timeSource, zoned: time.zoned }
  }
  return { timeMs: receivedMs, timeSource: 'received', zoned: true }
}

/** No time is as long as this; the header's is asked for every row. */
const LONGEST_STAMP = 100

function stampOf(segment: Segment | undefined, field: number): string {
  return segment === undefined || segment.raw(field).length > LONGEST_STAMP ? '' : segment.text(field)
}

function zoneOf(stamp: string): number | undefined {
  const zone = /([+-])(\d{2})(\d{2})$/.exec(stamp.trim())
  return zone ? (zone[1] === '-' ? -1 : 1) * (Number(zone[2]) * 60 + Number(zone[3])) : undefined
}
