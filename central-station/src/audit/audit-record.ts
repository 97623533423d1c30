import type { JournalRecord } from '../files/journal.ts'

/** Who did it, from where. */
export interface Actor {
  /** `null` for the central station itself and for whoever could not sign in. */
  readonly accountId: string | null
  readonly username: string
  readonly role: string
  /** Address of the client. */
  readonly origin: string
  readonly requestId: string
}

/** What was read or changed. */
export interface Subject {
  readonly patientId?: string
  readonly stayId?: string
  readonly deviceId?: string
  readonly wardId?: string
  /** What changed or was asked for: names of fields, ranges, values of settings. No secrets, no names of patients. */
  readonly detail?: Readonly<Record<string, unknown>>
}

export interface AuditRecord extends JournalRecord, Subject {
  readonly atMs: number
  readonly accountId: string | null
  readonly username: string
  readonly role: string
  readonly action: string
  readonly origin: string
  readonly requestId: string
}
