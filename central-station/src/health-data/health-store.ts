import type { HealthImport, HealthImportReport, HealthSource } from '@vigil/contract'
import type { HealthSink } from '@vigil/contract/health/index'

export interface SourceFact {
  readonly no: number
  readonly patientId: string
  readonly source: HealthSource
}

/** An import under way: the person and the number its rows carry. */
export interface OpenImport {
  readonly personNo: number
  readonly importNo: number
}

/** Port: phones, and what they send. */
export interface HealthImportStore {
  /** @throws AppError NOT_FOUND (patient), ALREADY_EXISTS (device) */
  addSource(source: { id: string; patientId: string; label: string; createdBy: string; createdAtMs: number }, tokenHash: Buffer): Promise<number>
  sources(patientId: string): Promise<readonly SourceFact[]>
  /** Ends its token; `undefined` when the person has no such phone. */
  revoke(patientId: string, id: string, atMs: number): Promise<SourceFact | undefined>
  /** The phone of a token that is valid. */
  sourceOfToken(hash: Buffer): Promise<SourceFact | undefined>
  /** The phone with this id, while it may send. */
  openSource(id: string): Promise<SourceFact | undefined>
  begin(about: { patientId: string; sourceNo: number; door: HealthImport['door']; head: Readonly<Record<string, string>>; atMs: number }): Promise<OpenImport>
  sink(open: OpenImport): HealthSink
  finish(open: OpenImport, sourceNo: number, report: HealthImportReport, offsetMinutes: number | undefined, atMs: number): Promise<void>
  imports(patientId: string, limit: number): Promise<readonly HealthImport[]>
}
