import { AppError } from '@vigil/contract/errors'

/** Counts of the finger sensor, pressure in the mask above the room's in cmH2O, temperature in Cel. */
export const replayColumns = ['red', 'ir', 'cmh2o', 'temp'] as const
export type ReplayColumn = (typeof replayColumns)[number]

export interface Replay {
  readonly hz: number
  readonly seconds: number
  readonly columns: Readonly<Partial<Record<ReplayColumn, Float32Array>>>
}

/** What a pulse or a breath can be seen in; a thermometer may be as slow as it likes. */
const LEAST_HZ = 12
const LEAST_SECONDS = 5
/** A step between two samples that is this much of the usual one longer or shorter is no jitter: samples are missing. */
const UNEVEN = 0.5

/**
 * A recording as CSV: a header that names its columns, `t` in seconds evenly spaced, and any of `red`, `ir`, `cmh2o`, `temp`.
 * Other columns are passed over; an empty cell takes the value before it.
 *
 * @throws AppError `INVALID_REQUEST` naming what is wrong.
 */
export function readReplay(csv: string): Replay {
  const [header = '', ...rows] = csv.trim().split(/\r?\n/).filter((line) => !line.startsWith('#'))
  const names = header.split(',').map((name) => name.trim().toLowerCase())
  const timeColumn = names.indexOf('t')
  if (timeColumn < 0) throw wrong('needs a column t, in seconds')
  const cells = rows.map((row) => row.split(','))
  const { hz, seconds } = paceOf(numbersAt(cells, timeColumn, 't'))
  const columns = Object.fromEntries(
    replayColumns.flatMap((column) => {
      const at = names.indexOf(column)
      return at < 0 ? [] : [[column, Float32Array.from(numbersAt(cells, at, column))] as const]
    }),
  )
  if (Object.keys(columns).length === 0) throw wrong(`has none of the columns ${replayColumns.join(', ')}`)
  if ('red' in columns && !('ir' in columns)) throw wrong('has red light without infrared (ir)')
  if (hz < LEAST_HZ && ('ir' in columns || 'cmh2o' in columns)) throw wrong(`has ${hz.toFixed(1)} samples a second; a pulse or a breath needs ${LEAST_HZ}`)
  return { hz: Number(hz.toFixed(3)), seconds, columns }
}

/** Samples a second and how long they last. @param times in seconds */
function paceOf(times: readonly number[]): { hz: number; seconds: number } {
  const steps = times.slice(1).map((time, i) => time - (times[i] as number))
  const usual = steps.toSorted((a, b) => a - b)[steps.length >> 1] ?? 0
  const seconds = usual * times.length
  if (!(usual > 0)) throw wrong(times.length < 2 ? 'holds no samples' : 'has times that do not run forward')
  const odd = steps.findIndex((step) => Math.abs(step - usual) > usual * UNEVEN)
  if (odd >= 0) throw wrong(`is not evenly spaced: from t ${times[odd]} to ${times[odd + 1]} are ${Number((steps[odd] as number).toFixed(3))} s, elsewhere ${Number(usual.toFixed(3))}`)
  if (seconds < LEAST_SECONDS) throw wrong(`holds ${seconds.toFixed(1)} s; it takes at least ${LEAST_SECONDS}`)
  return { hz: (times.length - 1) / ((times.at(-1) as number) - (times[0] as number)), seconds }
}

function numbersAt(cells: readonly (readonly string[])[], column: number, name: string): number[] {
  let last = Number(cells.find((row) => row[column]?.trim())?.[column] ?? Number.NaN)
  return cells.map((row, i) => {
    const cell = row[column]?.trim() ?? ''
    if (cell !== '') last = Number(cell)
    if (!Number.isFinite(last)) throw wrong(`has "${cell}" as ${name} in sample ${i + 1}`)
    return last
  })
}

const wrong = (what: string): AppError => new AppError('INVALID_REQUEST', `This is no recording: the file ${what}. docs/agent.md shows one.`)
