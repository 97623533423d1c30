import type { Clock } from '@vigil/contract'
import type { FhirServer } from '../../fhir/fhir-server.ts'

export interface FhirRoutesOptions {
  readonly fhir: FhirServer
  readonly clock: Clock
}
