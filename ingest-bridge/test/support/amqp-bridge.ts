import { createMetrics, silentLog } from '@vigil/program'
import { type Bridge, startBridge } from '../../src/index.ts'

export interface AmqpBridge {
  readonly bridge: Bridge
  /** A figure of /metrics, summed over its labels. */
  readonly metric: (name: string, labels?: Readonly<Record<string, string>>) => Promise<number>
}

/** A bridge from a queue to a database, with receipts over a broker. */
export function amqpBridge(options: { databaseUrl: string; mqttUrl: string; amqpUrl: string; queue: string; limits?: { objects: number; bytes: number } }): AmqpBridge {
  const { databaseUrl, mqttUrl, amqpUrl, queue, limits } = options
  const metrics = createMetrics('bridge')
  const bridge = startBridge({ databaseUrl, mqtt: { url: mqttUrl, username: 'bridge', password: 'x' }, amqp: { url: amqpUrl, queue }, log: silentLog, metrics, ...(limits && { limits }) })
  return {
    bridge,
    async metric(name, labels = {}) {
      const found = (await metrics.getMetricsAsJSON()).find((metric) => metric.name === `vigil_bridge_${name}`)
      const values = (found?.values ?? []).filter((value) => Object.entries(labels).every(([key, wanted]) => (value.labels as Record<string, unknown>)[key] === wanted))
      return values.reduce((sum, value) => sum + value.value, 0)
    },
  }
}
