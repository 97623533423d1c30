import { iso, isoField } from '../../iso.ts'
import { type FhirResource, metaOf } from './resource.ts'
import { VIGIL_STAY_ID } from './systems.ts'

/** One stay with the beds it was in. Times in ms since the Unix epoch. */
export interface StayFacts {
  readonly id: string
  readonly patientId: string
  readonly reason: string
  readonly admittedMs: number
  readonly dischargedMs: number | null
  readonly version: number
  readonly updatedMs: number
  readonly isTest: boolean
  readonly beds: readonly { readonly place: string; readonly fromMs: number; readonly toMs: number | null }[]
}

export function encounterOf(stay: StayFacts): FhirResource {
  const isOver = stay.dischargedMs !== null
  return {
    resourceType: 'Encounter',
    id: stay.id,
    meta: metaOf({ versionId: stay.version, updatedMs: stay.updatedMs, isTest: stay.isTest }),
    identifier: [{ system: VIGIL_STAY_ID, value: stay.id }],
    status: isOver ? 'finished' : 'in-progress',
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'IMP', display: 'inpatient encounter' },
    subject: { reference: `Patient/${stay.patientId}` },
    period: { start: iso(stay.admittedMs), ...isoField('end', stay.dischargedMs) },
    ...(stay.reason === '' ? {} : { reasonCode: [{ text: stay.reason }] }),
    ...(stay.beds.length === 0 ? {} : { location: stay.beds.map(locationOf) }),
  }
}

function locationOf({ place, fromMs, toMs }: StayFacts['beds'][number]): object {
  return { location: { display: place }, status: toMs === null ? 'active' : 'completed', period: { start: iso(fromMs), ...isoField('end', toMs) } }
}
