import { signalByName, type SignalName } from '@vigil/contract'
import { type SignalValue, writeObservations } from '@vigil/contract/hl7/index'
import { type BedsideVitals, plethysmogram } from './bedside-vitals.ts'

export interface MonitorMessageOptions {
  /** Bed number from 1; names the monitor, the patient and the place. */
  readonly bed: number
  readonly controlId: string
  readonly atMs: number
  readonly vitals: BedsideVitals
  /** Adds a second of plethysmogram. */
  readonly wave: boolean
}

const PLETH_HZ = 60
/** Where in the monitor each signal is measured: oximeter, ECG, breathing, temperature, cuff. */
const PLACES = { spo2: '1.1.1.1', pr: '1.1.1.2', hr: '1.2.1.1', rr: '1.3.1.1', temp: '1.4.1.1', sys: '1.5.1.1', dia: '1.5.1.2' } as const satisfies Partial<Record<SignalName, string>>

/** One second of a bedside monitor as IHE PCD-01 writes it. */
export function monitorMessage({ bed, controlId, atMs, vitals, wave }: MonitorMessageOptions): string {
  const equipment = equipmentId(bed)
  return writeObservations({
    application: `BED${bed}`,
    applicationId: equipment,
    facility: 'SIMULATED',
    receivingApplication: '',
    receivingFacility: '',
    controlId,
    atMs,
    processing: 'P',
    patient: { identifier: `SIM-${String(bed).padStart(4, '0')}`, family: '', given: '', location: ['SIM', `ROOM${Math.ceil(bed / 2)}`, `BED${bed}`] },
    assigner: ['SIMULATED', 'PI'],
    device: `BED${bed}`,
    equipment,
    values: rowsOf({ ...vitals, temp: Math.round(vitals.temp * 10) / 10 }, atMs),
    waveforms: wave ? [{ code: ['150452', 'MDC_PULS_OXIM_PLETH'], place: '1.1.2.150452', rateHz: PLETH_HZ, timeMs: atMs, samples: plethysmogram(vitals.pr, atMs, PLETH_HZ) }] : [],
  })
}

function rowsOf(vitals: BedsideVitals, timeMs: number): readonly SignalValue[] {
  return Object.entries(PLACES).flatMap(([name, place]) => {
    const signal = signalByName(name)
    const value = vitals[name as keyof typeof PLACES]
    return signal && value !== undefined ? [{ signal, value, timeMs, place }] : []
  })
}

/** An EUI-64 of the locally administered range, one per bed. */
function equipmentId(bed: number): string {
  return `0200000000${bed.toString(16).padStart(6, '0')}`.toUpperCase()
}
