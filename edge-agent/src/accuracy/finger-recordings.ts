import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'

/** A finger in front of a camera, with the monitors beside it. */
export interface FingerRecording {
  readonly name: string
  readonly hz: number
  /** Mean green of each frame; systole is a dip. */
  readonly light: readonly number[]
  /** Beats a minute at a moment of the waveform: the median of four oximeters, each moved back by its own lag. */
  readonly rateAt: (tS: number) => number | undefined
  /** Breaths a minute by the capnograph, moved back by its lag. */
  readonly breathsAt: (tS: number) => number | undefined
}

/** A monitor's pulse wave beside an ECG. */
export interface BeatRecording {
  readonly hz: number
  /** Systole is a rise. */
  readonly pulse: readonly number[]
  readonly ecg: readonly number[]
}

const CAMERA_HZ = 30
const MONITOR_HZ = 125
const people = ['100001', '100003', '100005'] as const
// Column and lag of the four oximeters; read off the recordings.
const oximeters = [{ column: 6, lagS: 6 }, { column: 7, lagS: 7 }, { column: 9, lagS: 7 }, { column: 10, lagS: 10 }] as const
const BREATHS_FROM_RIGHT = -5
const CAPNOGRAPH_LAG_S = 15
const LEAST_OXIMETERS = 3
const SLOWEST_SHOWN = 20

const shipped = new URL('../../data/', import.meta.url)

/** Lines of a compressed CSV file without its header. */
export function csvRows(file: string | URL): string[][] {
  const [, ...lines] = gunzipSync(readFileSync(file)).toString('utf8').trim().split(/\r?\n/)
  return lines.map((line) => line.split(','))
}

export function fingerRecordings(): FingerRecording[] {
  return people.flatMap((person) => {
    const monitors = csvRows(new URL(`uw-oximetry/gt-${person}.csv.gz`, shipped)).filter((row) => !row.join().includes('Halted'))
    return ['Left', 'Right'].map((hand) => ({
      name: `${person} ${hand.toLowerCase()}`,
      hz: CAMERA_HZ,
      light: csvRows(new URL(`uw-oximetry/ppg-${hand}-${person}.csv.gz`, shipped)).map((row) => Number(row[1])),
      rateAt: (tS: number) => medianRate(monitors, tS),
      breathsAt: (tS: number) => shown(monitors[Math.round(tS + CAPNOGRAPH_LAG_S)]?.at(BREATHS_FROM_RIGHT)),
    }))
  })
}

export function beatRecording(): BeatRecording {
  const rows = csvRows(new URL('bidmc01/bidmc_01.csv.gz', shipped))
  return { hz: MONITOR_HZ, pulse: rows.map((row) => Number(row[0])), ecg: rows.map((row) => Number(row[1])) }
}

function medianRate(monitors: readonly string[][], tS: number): number | undefined {
  const rates = oximeters
    .flatMap(({ column, lagS }) => shown(monitors[Math.round(tS + lagS) - 1]?.[column]) ?? [])
    .filter((rate) => rate > SLOWEST_SHOWN)
    .sort((a, b) => a - b)
  if (rates.length < LEAST_OXIMETERS) return undefined
  const middle = rates.length >> 1
  return rates.length % 2 === 1 ? rates[middle] : ((rates[middle - 1] as number) + (rates[middle] as number)) / 2
}

/** Monitors write 0 when they show nothing. */
function shown(cell: string | undefined): number | undefined {
  const value = Number(cell)
  return cell !== undefined && value > 0 ? value : undefined
}
