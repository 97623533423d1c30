import { Counter } from 'prom-client'
import { createHealthImportStore } from '../health-data/health-store-pg.ts'
import { createHealthImports, type HealthImports } from '../health-data/health-imports.ts'
import { createHealthReadings, type HealthReadings } from '../health-data/health-readings.ts'
import { createHealthReadingStore } from '../health-data/health-reading-store-pg.ts'
import type { Audit } from '../audit/audit.ts'
import type { Foundation } from './foundation.ts'

export interface HealthDataParts {
  readonly healthImports: HealthImports
  readonly healthReadings: HealthReadings
}

/** What phones and watches tell, beside the bedside. */
export function assembleHealthData({ database, metrics, clock }: Foundation, audit: Audit): HealthDataParts {
  const rows = new Counter({ name: 'vigil_health_rows_total', help: 'Rows of imported health data, by what became of them', labelNames: ['outcome'], registers: [metrics] })
  return {
    healthImports: createHealthImports({ store: createHealthImportStore(database), audit, clock, count: (outcome, n) => rows.inc({ outcome }, n) }),
    healthReadings: createHealthReadings({ store: createHealthReadingStore(database), clock }),
  }
}
