import type { LookList, LookQuery } from '@vigil/contract'

/** Who looked at a patient's data: the audit, told by the person it is about. */
export interface Looks {
  of(patientId: string, query: LookQuery): Promise<LookList>
}
