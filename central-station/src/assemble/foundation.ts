import type { KeyObject } from 'node:crypto'
import type { Registry as MetricsRegistry } from 'prom-client'
import type { Clock } from '@vigil/contract'
import type { Log, Secrets } from '@vigil/program'
import type { Dues } from '../audit/due.ts'
import type { Database } from '../db/database.ts'
import type { BoardAddress } from '../enrolment/board-address.ts'
import type { CacheFile } from '../files/cache-file.ts'
import type { CountDrop } from '../live/live-hub.ts'
import type { Registry } from '../registry/registry.ts'

/** What every part is built on. */
export interface Foundation {
  readonly database: Database
  readonly databaseUrl: string
  readonly dues: Dues
  readonly registry: Registry
  readonly cache: CacheFile
  /** Folder for journals. */
  readonly folder: string
  readonly secrets: Secrets
  /** Signs exports of the audit. */
  readonly signingKey: KeyObject
  readonly boards: BoardAddress
  readonly metrics: MetricsRegistry
  readonly countDrop: CountDrop
  readonly clock: Clock
  readonly log: Log
}
