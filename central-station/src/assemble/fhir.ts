import { createFhirServer, type FhirServer } from '../fhir/fhir-server.ts'
import { createObservations } from '../fhir/observations/observations.ts'
import { createObservationStore } from '../fhir/store/observation-store-pg.ts'
import { deviceTypes } from '../fhir/types/device-types.ts'
import { auditEventType, encounterType, flagType, patientType } from '../fhir/types/people-types.ts'
import { type AlarmParts } from './alarms.ts'
import { type Foundation } from './foundation.ts'
import { type LiveParts } from './live.ts'

/** FHIR over what the station knows by heart and what is stored. */
export function assembleFhir({ database, registry, clock }: Foundation, { hub }: LiveParts, { alarms }: AlarmParts): FhirServer {
  const observations = createObservations({ store: createObservationStore(database), registry, news2Of: (stayId) => alarms.news2Of(stayId) })
  const { device, metric } = deviceTypes({ registry, hub })
  const types = [patientType(database), encounterType(database), device, metric, observations, flagType(database), auditEventType(database)]
  return createFhirServer({ types, observations, startedMs: clock.now(), writable: new Set() })
}
