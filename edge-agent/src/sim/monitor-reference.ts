/** What the hospital monitors beside the recorded person showed, once a second, moved back in time by how much they lag. */
export interface MonitorReference {
  /** Beats a minute by the ECG, or `undefined` where it had none. */
  heartRateAt(tS: number): number | undefined
  /** Breaths a minute by the capnograph. */
  breathingRateAt(tS: number): number | undefined
  /** Per cent, the median of the oximeters that showed something. Not moved: they lag by different times. */
  spo2At(tS: number): number | undefined
}

const ECG_LAG_S = 10
const CAPNOGRAPH_LAG_S = 15

// The header is shifted at its end, so the last columns can only be counted from the right.
const HEART_RATE_FROM_RIGHT = -9
const BREATHING_RATE_FROM_RIGHT = -5
const SPO2_COLUMNS = [1, 2, 3, 4, 5]

interface MonitorRow {
  readonly heartRate: number | undefined
  readonly breathingRate: number | undefined
  readonly spo2: number | undefined
}

export function parseMonitorReference(csv: string): MonitorReference {
  const [, ...lines] = csv.trim().split('\n')
  const rows = lines.map((line) => (line.includes('Halted') ? undefined : parseRow(line.split(','))))
  const rowAt = (tS: number): MonitorRow | undefined => rows[Math.floor(tS)]
  return {
    heartRateAt: (tS) => rowAt(tS + ECG_LAG_S)?.heartRate,
    breathingRateAt: (tS) => rowAt(tS + CAPNOGRAPH_LAG_S)?.breathingRate,
    spo2At: (tS) => rowAt(tS)?.spo2,
  }
}

function parseRow(cells: readonly string[]): MonitorRow {
  return {
    heartRate: shown(cells.at(HEART_RATE_FROM_RIGHT)),
    breathingRate: shown(cells.at(BREATHING_RATE_FROM_RIGHT)),
    spo2: median(SPO2_COLUMNS.map((column) => shown(cells[column])).filter((value) => value !== undefined)),
  }
}

/** Monitors write 0 when they show nothing. */
function shown(cell: string | undefined): number | undefined {
  const value = Number(cell)
  return cell !== undefined && value > 0 ? value : undefined
}

function median(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length / 2
  const low = sorted[Math.ceil(middle) - 1]
  const high = sorted[Math.floor(middle)]
  return low === undefined || high === undefined ? undefined : (low + high) / 2
}
