import { Gauge, type Registry } from 'prom-client'

/** A figure that is read when somebody asks for it. */
export function collectedGauge(metrics: Registry, name: string, help: string, collect: (gauge: Gauge) => void, labelNames: string[] = []): void {
  const gauge: Gauge = new Gauge({ name, help, labelNames, registers: [metrics], collect: () => collect(gauge) })
}
