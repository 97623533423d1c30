import type { DeviceState, DeviceStatus, Signal } from '@vigil/contract'
import type { DeviceFact } from '../../registry/world.ts'
import { codingsOf } from './observation-groups.ts'
import { type FhirResource, metaOf, toFhirId } from './resource.ts'
import { MDC, UCUM, VIGIL_DEVICE_ID } from './systems.ts'
import { versionOf } from './version.ts'

export interface DeviceFacts {
  readonly fact: DeviceFact
  readonly birth: DeviceState | undefined
  readonly status: DeviceStatus
  readonly intervalMs: number
  /** Whom it watches now. */
  readonly patientId: string | undefined
  readonly isTest: boolean
}

export function deviceOf({ fact, birth, patientId, isTest }: DeviceFacts): FhirResource {
  const body = {
    identifier: [{ system: VIGIL_DEVICE_ID, value: fact.id }],
    status: fact.retiredAtMs === null ? 'active' : 'inactive',
    deviceName: [{ name: fact.label === '' ? fact.id : fact.label, type: 'user-friendly-name' }],
    ...(birth?.hw === undefined ? {} : { modelNumber: birth.hw }),
    type: { coding: [{ system: MDC, code: '69965', display: 'MDC_DEV_MON_PHYSIO_MULTI_PARAM_MDS' }], text: 'Patient monitor' },
    ...(birth?.fw === undefined ? {} : { version: [{ type: { text: 'firmware' }, value: birth.fw }] }),
    ...(patientId === undefined ? {} : { patient: { reference: `Patient/${patientId}` } }),
  }
  return { resourceType: 'Device', id: toFhirId(fact.id), meta: metaOf({ versionId: versionOf(body), updatedMs: fact.changedAtMs ?? fact.createdAtMs, isTest }), ...body }
}

/** `{no}.{signal}`: the number of a device is never given to another one. */
export function metricId(deviceNo: number, signal: string): string {
  return `${deviceNo}.${signal}`
}

export function deviceMetricOf({ fact, status, intervalMs, isTest }: DeviceFacts, signal: Signal): FhirResource {
  const body = {
    identifier: [{ system: VIGIL_DEVICE_ID, value: `${fact.id}/${signal.name}` }],
    type: { coding: codingsOf(signal), text: signal.display },
    unit: { coding: [{ system: UCUM, code: signal.ucum }], text: signal.ucum },
    source: { reference: `Device/${toFhirId(fact.id)}` },
    operationalStatus: OPERATIONAL[status],
    // A breathing rate from the plethysmogram is worked out, not measured.
    category: signal.name === 'rrppg' ? 'calculation' : 'measurement',
    measurementPeriod: { repeat: { frequency: 1, period: intervalMs / 1_000, periodUnit: 's' } },
    // No board of ours tells whether somebody calibrated it.
    calibration: [{ type: 'unspecified', state: 'unspecified' }],
  }
  return { resourceType: 'DeviceMetric', id: metricId(fact.no, signal.name), meta: metaOf({ versionId: versionOf(body), updatedMs: fact.changedAtMs ?? fact.createdAtMs, isTest }), ...body }
}

const OPERATIONAL: Readonly<Record<DeviceStatus, string>> = { online: 'on', late: 'on', sleeping: 'standby', lost: 'off', never: 'off' }
