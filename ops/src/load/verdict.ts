import { countRanges, type Ledger, normaliseRanges, type Range, subtractRanges } from '@vigil/contract'

export interface DeviceVerdict {
  readonly device: string
  readonly produced: number
  readonly stored: number
  /** Produced by the journal or known to the spool, and not in the ledger. */
  readonly missing: number
  readonly missingRanges: readonly Range[]
  /** In the ledger although this run never produced it. */
  readonly invented: number
  /** Rows stored more than once. */
  readonly duplicates: number
  /** Numbers the device itself said it gave up. */
  readonly lost: number
}

export interface DeviceEvidence {
  readonly device: string
  /** By epoch, from the journal. */
  readonly produced: ReadonlyMap<string, readonly Range[]>
  /** What the spool says now. */
  readonly spool: { readonly epoch: string; readonly lastSeq: number }
  readonly ledger: Ledger
}

/** Compares what was produced with what the ledger holds, number by number. */
export function judge({ device, produced, spool, ledger }: DeviceEvidence): DeviceVerdict {
  const expected = new Map(produced)
  // A kill between recording and journalling leaves a number only the spool knows of.
  const ofSpool: Range[] = spool.lastSeq > 0 ? [[1, spool.lastSeq]] : []
  expected.set(spool.epoch, normaliseRanges([...(produced.get(spool.epoch) ?? []), ...ofSpool]))
  const missing: Range[] = []
  let invented = 0
  let stored = 0
  for (const [epoch, numbers] of expected) {
    const held = normaliseRanges(ledger.epochs.find((one) => one.epoch === epoch)?.ranges ?? [])
    missing.push(...subtractRanges(numbers, held))
    invented += countRanges(subtractRanges(held, numbers))
    stored += countRanges(held)
  }
  return {
    device,
    produced: [...expected.values()].reduce((sum, numbers) => sum + countRanges(numbers), 0),
    stored,
    missing: countRanges(missing),
    missingRanges: missing,
    invented,
    duplicates: sum(ledger, (one) => one.duplicates),
    lost: sum(ledger, (one) => one.lost),
  }
}

const sum = (ledger: Ledger, of: (epoch: Ledger['epochs'][number]) => number): number => ledger.epochs.reduce((total, epoch) => total + of(epoch), 0)

export interface Delays {
  readonly observed: number
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly max: number
}

/** Nearest-rank percentiles. */
export function describeDelays(delays: readonly number[]): Delays {
  const sorted = [...delays].sort((a, b) => a - b)
  const at = (share: number): number => Math.round(sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN)
  return { observed: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) }
}

export interface LoadReport {
  readonly devices: number
  readonly real: number
  readonly seconds: number
  readonly produced: number
  readonly stored: number
  readonly missing: number
  readonly invented: number
  readonly duplicates: number
  readonly lost: number
  /** Objects still without a receipt when the comparison was made. */
  readonly unsent: number
  readonly sensorToWallMs: Delays
  readonly cuts: number
  readonly worst: readonly DeviceVerdict[]
}

export const isClean = ({ missing, invented, duplicates, lost, unsent }: LoadReport): boolean => missing + invented + duplicates + lost + unsent === 0

export function reportTable(report: LoadReport): string {
  const { sensorToWallMs: delay } = report
  const rows: readonly (readonly [string, string])[] = [
    ['boards', `${report.devices} (${report.real} with the whole agent), ${report.seconds} s`],
    ['produced', String(report.produced)],
    ['stored', String(report.stored)],
    ['missing', String(report.missing)],
    ['duplicates', String(report.duplicates)],
    ['invented', String(report.invented)],
    ['given up', String(report.lost)],
    ['no receipt', String(report.unsent)],
    ['sensor to wall', delay.observed === 0 ? 'not seen' : `p50 ${delay.p50} ms, p95 ${delay.p95} ms, p99 ${delay.p99} ms, longest ${delay.max} ms (${delay.observed} values)`],
    ['link cuts', String(report.cuts)],
  ]
  const wrong = report.worst.map(({ device, missing, missingRanges, duplicates, invented }) => `  ${device}: ${missing} missing ${JSON.stringify(missingRanges.slice(0, 5))}, ${duplicates} duplicates, ${invented} invented`)
  return [...rows.map(([name, value]) => `${name.padEnd(16)}${value}`), ...wrong, ''].join('\n')
}
