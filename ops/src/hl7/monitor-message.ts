import { type FieldValue, writeMessage, writeSegment, writeTime } from '@vigil/contract/hl7/index'
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

const MDC = 'MDC'
const PLETH_HZ = 60

/** One second of a bedside monitor as IHE PCD-01 writes it: the tree of its parts, then a row per metric. */
export function monitorMessage({ bed, controlId, atMs, vitals, wave }: MonitorMessageOptions): string {
  const equipment = equipmentId(bed)
  const time = writeTime(atMs)
  let row = 0
  const obx = (type: string | undefined, code: string, refid: string, place: string, value: FieldValue, unit?: readonly [string, string]): string =>
    writeSegment('OBX', { 1: ++row, 2: type, 3: [code, refid, MDC], 4: place, 5: value, 6: unit && [...unit, MDC], 11: type === undefined ? 'X' : 'R', 14: type === undefined ? undefined : time, 18: type === undefined ? [equipment, '', equipment, 'EUI-64'] : undefined })
  const { hr, pr, spo2, rr, temp, sys, dia } = vitals
  const percent = ['262688', 'MDC_DIM_PERCENT'] as const
  const beats = ['264864', 'MDC_DIM_BEAT_PER_MIN'] as const
  const mmHg = ['266016', 'MDC_DIM_MMHG'] as const
  return writeMessage([
    writeSegment('MSH', { 3: [`BED${bed}`, equipment, 'EUI-64'], 4: 'SIMULATED', 7: time, 9: ['ORU', 'R01', 'ORU_R01'], 10: controlId, 11: 'P', 12: '2.6', 15: 'AL', 16: 'NE', 18: 'UNICODE UTF-8', 21: ['IHE_PCD_001', 'IHE PCD', '1.3.6.1.4.1.19376.1.6.1.1.1', 'ISO'] }),
    writeSegment('PID', { 3: [`SIM-${String(bed).padStart(4, '0')}`, '', '', 'SIMULATED', 'PI'] }),
    writeSegment('PV1', { 2: 'I', 3: ['SIM', `ROOM${Math.ceil(bed / 2)}`, `BED${bed}`] }),
    writeSegment('OBR', { 1: 1, 3: [controlId, `BED${bed}`, equipment, 'EUI-64'], 4: ['182777000', 'monitoring of patient', 'SCT'], 7: time }),
    obx(undefined, '69965', 'MDC_DEV_MON_PHYSIO_MULTI_PARAM_MDS', '1.0.0.0', undefined),
    obx('NM', '150456', 'MDC_PULS_OXIM_SAT_O2', '1.1.1.1', spo2, percent),
    obx('NM', '149530', 'MDC_PULS_OXIM_PULS_RATE', '1.1.1.2', pr, beats),
    obx('NM', '147842', 'MDC_ECG_HEART_RATE', '1.2.1.1', hr, beats),
    obx('NM', '151562', 'MDC_RESP_RATE', '1.3.1.1', rr, ['264928', 'MDC_DIM_RESP_PER_MIN']),
    obx('NM', '150344', 'MDC_TEMP', '1.4.1.1', temp.toFixed(1), ['268192', 'MDC_DIM_DEGC']),
    ...(sys === undefined || dia === undefined ? [] : [obx('NM', '150021', 'MDC_PRESS_BLD_NONINV_SYS', '1.5.1.1', sys, mmHg), obx('NM', '150022', 'MDC_PRESS_BLD_NONINV_DIA', '1.5.1.2', dia, mmHg)]),
    ...(wave
      ? [obx('NA', '150452', 'MDC_PULS_OXIM_PLETH', '1.1.2.150452', plethysmogram(vitals.pr, atMs, PLETH_HZ)), obx('NM', '0', 'MDC_ATTR_SAMP_RATE', '1.1.2.150452.1', PLETH_HZ, ['264640', 'MDC_DIM_HZ'])]
      : []),
  ])
}

/** An EUI-64 of the locally administered range, one per bed. */
function equipmentId(bed: number): string {
  return `0200000000${bed.toString(16).padStart(6, '0')}`.toUpperCase()
}
