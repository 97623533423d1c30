import { AppError } from '@vigil/contract/errors'

/** Counts of the finger sensor, pressure in the mask above the room's in cmH2O, temperature in Cel. */
export const replayColumns = ['red', 'ir', 'cmh2o', 'temp'] as const
export type ReplayColumn = (typeof replayColumns)[number]

export interface Replay {
  readonly hz: number
  readonly seconds: number
  readonly columns: Readonly<Partial<Record<ReplayColumn, Float32Array>>>
}

const LEAST_SAMPLES = 2

/**
 * A recording as CSV: a header that names its columns, `t` in seconds evenly spaced, and any of `red`, `ir`, `cmh2o`, `temp`.
 * Other columns are passed over; a cell that is no number takes the value before it.
 *
 * @throws AppError `INVALID_REQUEST` naming what is wrong.
 */
export function readReplay(csv: string): Replay {
  const [header = '', ...rows] = csv.trim().split(/\r?\n/).filter((line) => !line.startsWith('#'))
  const names = header.split(',').map((name) => name.trim().toLowerCase())
  const timeColumn = names.indexOf('t')
  if (timeColumn < 0) throw wrong('needs a column t, in seconds')
  if (rows.length < LEAST_SAMPLES) throw wrong('holds no samples')
  const cells = rows.map((row) => row.split(','))
  const times = cells.map((row) => Number(row[timeColumn]))
  const seconds = ((times.at(-1) ?? Number.NaN) - (times[0] ?? Number.NaN)) * (times.length / (times.length - 1))
  const hz = times.length / seconds
  if (!(hz > 0) || !Number.isFinite(hz)) throw wrong('has times that do not run forward')
  const columns = Object.fromEntries(
    replayColumns.flatMap((column) => {
      const at = names.indexOf(column)
      return at < 0 ? [] : [[column, numbersAt(cells, at)] as const]
    }),
  )
  if (Object.keys(columns).length === 0) throw wrong(`has none of the columns ${replayColumns.join(', ')}`)
  if ('red' in columns && !('ir' in columns)) throw wrong('has red light without infrared (ir)')
  return { hz: Number(hz.toFixed(3)), seconds, columns }
}

function numbersAt(cells: readonly (readonly string[])[], column: number): Float32Array {
  const values = Float32Array.from(cells, (row) => (row[column]?.trim() ? Number(row[column]) : Number.NaN))
  let last = values.find((value) => !Number.isNaN(value)) ?? 0
  return values.map((value) => (last = Number.isNaN(value) ? last : value))
}

const wrong = (what: string): AppError => new AppError('INVALID_REQUEST', `This is no recording: the file ${what}. docs/agent.md shows one.`)
