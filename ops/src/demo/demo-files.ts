import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BedPlan } from './bed-plan.ts'

/** What the demo ward must remember about a bed: its device's secret is told only once. */
export interface KnownBed {
  readonly device: string
  readonly site: string
  readonly secret: string
}

export interface DemoFiles {
  /** Folder of the boards' own files. */
  readonly folder: string
  /** By planned device name. */
  beds(): Readonly<Record<string, KnownBed>>
  keep(planned: string, bed: KnownBed): void
  /** Tells anyone what feeds each bed, to compare what the screens show with. */
  writeWard(facts: unknown): void
}

const FILE_MODE = 0o600

export function openDemoFiles(dataDir: string): DemoFiles {
  const folder = join(dataDir, 'demo')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  chmodSync(folder, 0o700)
  const bedsPath = join(folder, 'devices.json')
  let beds = read(bedsPath)
  return {
    folder,
    beds: () => beds,
    keep(planned, bed) {
      beds = { ...beds, [planned]: bed }
      write(bedsPath, beds)
    },
    writeWard: (facts) => write(join(folder, 'ward.json'), facts),
  }
}

/** Everything the boards kept, secrets and spools; not the word that the ward was removed. */
export function forgetBoards(dataDir: string): void {
  const folder = join(dataDir, 'demo')
  for (const name of readdirSync(folder)) if (name !== 'removed.json') rmSync(join(folder, name), { recursive: true, force: true })
}

function read(path: string): Readonly<Record<string, KnownBed>> {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Record<string, KnownBed>
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw error
  }
}

function write(path: string, value: unknown): void {
  writeFileSync(`${path}.new`, `${JSON.stringify(value, null, 2)}\n`, { mode: FILE_MODE })
  renameSync(`${path}.new`, path)
}

/** One bed as `ward.json` tells it. */
export interface BedFacts {
  readonly device: string
  readonly bed: string
  /** What `pulseAtMs` and `startOffsetS` mean: at this moment the recording stood at that second, and runs on in real time, round and round. */
  readonly startedAtMs: number
  readonly startOffsetS: number
  readonly recording: { readonly pulse: string; readonly mask: string | null; readonly pulseFile: string; readonly referenceFile: string }
  /** Where the true heart rate of that second stands. */
  readonly referenceHeartRate: string
  readonly ratioOfRatios: number
  /** SpO2 that belongs to the ratio on the curve of Maxim's application note 6845. */
  readonly spo2: number
  readonly baseTempCel: number
  readonly breathsPerMinute: number | null
  readonly history: { readonly fromMs: number; readonly toMs: number; readonly synthetic: true } | null
}

export const REFERENCE_HEART_RATE = 'ECG heart rate of the recording: ninth column from the right of the reference file, row = second of the recording + 10 s (the monitor lags the light by 10 s)'

export function filesOf({ pulse }: Pick<BedPlan, 'pulse'>): { pulseFile: string; referenceFile: string } {
  const [person = '', hand = ''] = pulse.split('-')
  const side = hand.charAt(0).toUpperCase() + hand.slice(1)
  return { pulseFile: `edge-agent/data/uw-oximetry/ppg-${side}-${person}.csv.gz`, referenceFile: `edge-agent/data/uw-oximetry/gt-${person}.csv.gz` }
}
