import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { AppError } from '@vigil/contract/errors'
import { type MaskRecording, parseMaskRecording, parsePulseRecording, type PulseRecording } from './recording.ts'

/** The recordings that come with the agent; each is read once, when it is first asked for. */
export interface RecordingLibrary {
  readonly pulseIds: readonly string[]
  readonly maskIds: readonly string[]
  /** @throws AppError `NOT_FOUND` for an id not in `pulseIds`. */
  pulse(id: string): PulseRecording
  /** @throws AppError `NOT_FOUND` for an id not in `maskIds`. */
  mask(id: string): MaskRecording
}

interface PulseFiles {
  readonly pulse: string
  readonly reference: string
}

const people = ['100001', '100003', '100005']
const pulseFiles: ReadonlyMap<string, PulseFiles> = new Map(
  people.flatMap((person) =>
    ['Left', 'Right'].map((hand) => [
      `${person}-${hand.toLowerCase()}`,
      { pulse: `uw-oximetry/ppg-${hand}-${person}.csv.gz`, reference: `uw-oximetry/gt-${person}.csv.gz` },
    ]),
  ),
)

/** Breaths a minute counted on each recording's flow signal. */
const maskBreathing: ReadonlyMap<string, number> = new Map([
  ['mask-01', 20.5],
  ['mask-02', 9.1],
  ['mask-03', 8.2],
  ['mask-04', 26.7],
  ['mask-05', 13.4],
  ['mask-06', 10.2],
  ['mask-07', 31.6],
  ['mask-08', 8.6],
])

const shippedRecordings = new URL('../../data/', import.meta.url)

/** @param folder where the recordings lie; the ones shipped with the agent unless told. */
export function openRecordings(folder: URL = shippedRecordings): RecordingLibrary {
  const readText = (path: string): string => gunzipSync(readFileSync(new URL(path, folder))).toString('utf8')
  return {
    pulseIds: [...pulseFiles.keys()],
    maskIds: [...maskBreathing.keys()],
    pulse: readOnce((id) => {
      const files = pulseFiles.get(id) ?? unknown(id)
      return parsePulseRecording(id, readText(files.pulse), readText(files.reference))
    }),
    mask: readOnce((id) => {
      const breathsPerMinute = maskBreathing.get(id) ?? unknown(id)
      return parseMaskRecording(id, readText(`cpap-mask/${id.replace('mask-', 'patient_')}.csv.gz`), breathsPerMinute)
    }),
  }
}

function readOnce<T>(read: (id: string) => T): (id: string) => T {
  const kept = new Map<string, T>()
  return (id) => {
    const recording = kept.get(id) ?? read(id)
    kept.set(id, recording)
    return recording
  }
}

function unknown(id: string): never {
  throw new AppError('NOT_FOUND', `There is no recording called ${id}`, { details: { id } })
}
