import { type SampleQuality, signalByName, type SignalName, unpackQuality } from '@vigil/contract'
import { iso } from '../iso.ts'

/** A page of samples, column by column, in order of time. */
export interface ExportPage {
  readonly t: Float64Array
  readonly seq: Float64Array
  readonly lagMs: Float64Array
  /** Bits of `sample.flags`. */
  readonly flags: Float64Array
  readonly signals: ReadonlyMap<SignalName, Float64Array>
  readonly quality: readonly (Uint8Array | undefined)[]
  /** Signals that were asked for; empty for all. */
  readonly asked: readonly string[]
}

/** Whose page it is. */
export interface ExportOwner {
  readonly deviceId: string
  readonly stayId: string | undefined
}

export const exportColumns = ['time', 'device', 'stay', 'signal', 'value', 'unit', 'quality', 'signal_quality', 'lane', 'clock', 'lag_ms', 'seq'] as const

const BACKLOG = 1
const SUSPECT = 2
const UPTIME = 4
const EOL = { csv: '\r\n', ndjson: '\n' } as const

/** First line of a file, where its form has one. */
export function headingOf(format: 'csv' | 'ndjson'): string {
  return format === 'csv' ? exportColumns.join(',') + EOL.csv : ''
}

/**
 * A line for each value of a page, and for each that could not be had: then the value is empty and `quality` says why. What is questionable says how; `lane` is
 * `tele` or `backlog`; `clock` is empty, `suspect` (the board's time was not believed, this is when it arrived) or `uptime` (worked out from the time since it started).
 */
export function* linesOf(page: ExportPage, { deviceId, stayId }: ExportOwner, format: 'csv' | 'ndjson'): Generator<string> {
  const write = format === 'csv' ? csvLine : jsonLine
  const columns = [...page.signals].map(([name, values]) => ({ name, values, unit: unitOf(name) }))
  for (const [row, t] of page.t.entries()) {
    const about = { time: iso(t), device: deviceId, stay: stayId ?? '', ...laneOf(page, row) }
    const packed = page.quality[row]
    const remarks = packed ? unpackQuality(packed) : NO_REMARKS
    for (const { name, values, unit } of columns) {
      const value = valueOf(values[row] as number, name, remarks)
      if (!Number.isNaN(value.value) || value.remark !== '') yield write(about, { name, unit, ...value })
    }
    if (packed) for (const name of withoutColumn(page, remarks)) yield write(about, { name, unit: unitOf(name), ...valueOf(Number.NaN, name, remarks) })
  }
}

function valueOf(value: number, name: SignalName, { q, x, sq }: SampleQuality): Pick<Value, 'value' | 'remark' | 'sq'> {
  return { value, remark: x?.[name] ?? q?.[name] ?? '', sq: sq?.[name] }
}

const NO_REMARKS: SampleQuality = {}

/** What could not be had in the whole of a page has no column there. */
function withoutColumn({ signals, asked }: ExportPage, { x = {} }: SampleQuality): SignalName[] {
  return (Object.keys(x) as SignalName[]).filter((name) => !signals.has(name) && (asked.length === 0 || asked.includes(name)))
}

/** How one row came in. */
function laneOf({ flags, lagMs, seq }: ExportPage, row: number): Pick<About, 'lane' | 'clock' | 'lag' | 'seq'> {
  const bits = flags[row] ?? 0
  return { lane: bits & BACKLOG ? 'backlog' : 'tele', clock: bits & SUSPECT ? 'suspect' : bits & UPTIME ? 'uptime' : '', lag: lagMs[row] ?? 0, seq: seq[row] ?? 0 }
}

const unitOf = (name: SignalName): string => signalByName(name)?.ucum ?? ''

interface About {
  readonly time: string
  readonly device: string
  readonly stay: string
  readonly lane: string
  readonly clock: string
  readonly lag: number
  readonly seq: number
}

interface Value {
  readonly name: SignalName
  readonly value: number
  readonly unit: string
  readonly remark: string
  readonly sq: number | undefined
}

// Ids, names of signals and UCUM units hold neither commas nor quotes: a test looks at all of the catalogue.
function csvLine({ time, device, stay, lane, clock, lag, seq }: About, { name, value, unit, remark, sq }: Value): string {
  return `${time},${device},${stay},${name},${Number.isNaN(value) ? '' : value},${unit},${remark},${sq ?? ''},${lane},${clock},${lag},${seq}${EOL.csv}`
}

function jsonLine({ time, device, stay, lane, clock, lag, seq }: About, { name, value, unit, remark, sq }: Value): string {
  const line = { time, device, ...(stay !== '' && { stay }), signal: name, value: Number.isNaN(value) ? null : value, unit, ...(remark !== '' && { quality: remark }), ...(sq !== undefined && { signal_quality: sq }), lane, ...(clock !== '' && { clock }), lag_ms: lag, seq }
  return JSON.stringify(line) + EOL.ndjson
}
