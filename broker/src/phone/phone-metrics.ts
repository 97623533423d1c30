import type { HealthAnswer } from '@vigil/contract'
import { Counter, Gauge, type Registry } from 'prom-client'

export type ExportOutcome = HealthAnswer['outcome'] | 'full' | 'unreadable'
const OUTCOMES: readonly ExportOutcome[] = ['stored', 'refused', 'again', 'ended', 'full', 'unreadable']

export interface PhoneMetrics {
  export(outcome: ExportOutcome): void
}

export function createPhoneMetrics(metrics: Registry, waiting: () => number, bytes: () => number): PhoneMetrics {
  const registers = [metrics]
  const exports = new Counter({ name: 'vigil_broker_phone_exports_total', help: 'Exports of phones, by what the central station said of them; full: too much waited; unreadable: an answer nobody understands', labelNames: ['outcome'], registers })
  for (const outcome of OUTCOMES) exports.inc({ outcome }, 0)
  gauge(metrics, 'vigil_broker_phone_waiting_exports', 'Exports that wait for their commit', waiting)
  gauge(metrics, 'vigil_broker_phone_bytes', 'Bytes of exports under way and waiting', bytes)
  return { export: (outcome) => exports.inc({ outcome }) }
}

function gauge(metrics: Registry, name: string, help: string, read: () => number): void {
  const made: Gauge = new Gauge({ name, help, registers: [metrics], collect: () => made.set(read()) })
}
