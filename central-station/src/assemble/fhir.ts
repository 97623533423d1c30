import { createFhirServer, type FhirServer } from '../fhir/fhir-server.ts'
import { createObservations } from '../fhir/observations/observations.ts'
import { createObservationStore } from '../fhir/store/observation-store-pg.ts'
import { createSubscriptions } from '../fhir/subscriptions/subscriptions.ts'
import { watchSubscriptions } from '../fhir/subscriptions/watch.ts'
import { deviceTypes } from '../fhir/types/device-types.ts'
import { auditEventType, encounterType, flagType, patientType } from '../fhir/types/people-types.ts'
import type { AlarmParts } from './alarms.ts'
import type { Foundation } from './foundation.ts'
import type { LiveParts } from './live.ts'
import type { OutboundParts } from './outbound.ts'

export interface FhirParts {
  readonly fhir: FhirServer
  stop(): Promise<void>
}

/** FHIR over what the station knows by heart and what is stored. */
export function assembleFhir({ database, registry, clock, log }: Foundation, { hub }: LiveParts, { alarms }: AlarmParts, outbound: OutboundParts): FhirParts {
  const observations = createObservations({ store: createObservationStore(database), registry, news2Of: (stayId) => alarms.news2Of(stayId) })
  const { device, metric } = deviceTypes({ registry, hub })
  const subscriptions = createSubscriptions({ database, targets: outbound.targetStore, guard: outbound.guard, seal: outbound.seal, clock })
  const types = [patientType(database), encounterType(database), device, metric, observations, flagType(database), auditEventType(database), subscriptions.type]
  const watch = watchSubscriptions({ database, line: outbound.line, types: new Map(types.map((type) => [type.type, type])), clock, log, hint: outbound.hint })
  return { fhir: createFhirServer({ types, observations, subscriptions, startedMs: clock.now() }), stop: () => watch.stop() }
}
