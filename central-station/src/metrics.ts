import { Counter, Gauge, type Registry as MetricsRegistry } from 'prom-client'
import type { AlarmWatch } from '@vigil/contract'
import { type CountDrop, dropReasons } from './live/live-hub.ts'

export interface StationFigures {
  readonly viewers: () => number
  readonly databaseUp: () => boolean
  readonly brokerUp: () => boolean
  /** Places at which the audit's chain was found broken. */
  readonly auditBreaks: () => number
  readonly alarmWatch: () => AlarmWatch
  /** Bytes waiting on the disk, by journal. */
  readonly journalBytes: () => Readonly<Record<string, number>>
  readonly journalRejected: () => Readonly<Record<string, number>>
}

export function createDropCounter(metrics: MetricsRegistry): CountDrop {
  const dropped = new Counter({ name: 'vigil_live_dropped_total', help: 'Messages and frames the live lane left aside, by reason', labelNames: ['reason'], registers: [metrics] })
  for (const reason of dropReasons) dropped.inc({ reason }, 0)
  return (reason) => dropped.inc({ reason })
}

export function exposeFigures(metrics: MetricsRegistry, figures: StationFigures): void {
  gauge(metrics, 'vigil_live_viewers', 'Open live screens', (set) => set(figures.viewers()))
  gauge(metrics, 'vigil_database_up', '1 while PostgreSQL answers', (set) => set(Number(figures.databaseUp())))
  gauge(metrics, 'vigil_broker_up', '1 while the broker is connected', (set) => set(Number(figures.brokerUp())))
  gauge(metrics, 'vigil_alarm_engine_up', '1 while alarms are judged, here or by another central station', (set) => set(Number(figures.alarmWatch().engine === 'ok')))
  gauge(metrics, 'vigil_alarm_engine_duty', '1 while the alarm engine of this central station judges, 0 while it stands by', (set) => set(Number(figures.alarmWatch().duty === 'here')))
  gauge(metrics, 'vigil_alarm_engine_standbys', 'Alarm engines that would take over', (set) => set(figures.alarmWatch().standbys ?? 0))
  gauge(metrics, 'vigil_audit_breaks', 'Places at which the chain of the audit was found broken by the last look', (set) => set(figures.auditBreaks()))
  for (const [name, help, read] of [
    ['vigil_journal_bytes', 'Bytes waiting on the local disk for PostgreSQL', figures.journalBytes],
    ['vigil_journal_rejected', 'Records PostgreSQL refused for good since the start', figures.journalRejected],
  ] as const) {
    const metric: Gauge = new Gauge({
      name,
      help,
      labelNames: ['journal'],
      registers: [metrics],
      collect() {
        for (const [journal, value] of Object.entries(read())) metric.set({ journal }, value)
      },
    })
  }
}

function gauge(metrics: MetricsRegistry, name: string, help: string, collect: (set: (value: number) => void) => void): void {
  const metric: Gauge = new Gauge({ name, help, registers: [metrics], collect: () => collect((value) => metric.set(value)) })
}
