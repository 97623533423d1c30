import type { HealthAnswer } from '@vigil/contract'
import { Counter, type Registry } from 'prom-client'
import { collectedGauge } from '../collected-gauge.ts'

export type ExportOutcome = HealthAnswer['outcome'] | 'full' | 'unreadable'
const OUTCOMES: readonly ExportOutcome[] = ['stored', 'refused', 'again', 'ended', 'full', 'unreadable']

export interface PhoneMetrics {
  export(outcome: ExportOutcome): void
}

export function createPhoneMetrics(metrics: Registry, waiting: () => number, bytes: () => number): PhoneMetrics {
  const registers = [metrics]
  const exports = new Counter({ name: 'vigil_broker_phone_exports_total', help: 'Exports of phones, by what the central station said of them; full: too much waited; unreadable: an answer nobody understands', labelNames: ['outcome'], registers })
  for (const outcome of OUTCOMES) exports.inc({ outcome }, 0)
  collectedGauge(metrics, 'vigil_broker_phone_waiting_exports', 'Exports that wait for their commit', (gauge) => gauge.set(waiting()))
  collectedGauge(metrics, 'vigil_broker_phone_bytes', 'Bytes of exports under way and waiting', (gauge) => gauge.set(bytes()))
  return { export: (outcome) => exports.inc({ outcome }) }
}
