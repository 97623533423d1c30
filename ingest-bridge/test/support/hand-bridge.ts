import type { Clock } from '@vigil/contract'
import { createMetrics, silentLog, systemClock } from '@vigil/program'
import { type Bridge, startBridgeWith } from '../../src/index.ts'
import { HandSource } from './hand-source.ts'

export interface HandBridge {
  readonly bridge: Bridge
  readonly source: HandSource
  /** A figure of /metrics, summed over its labels. */
  metric(name: string, labels?: Readonly<Record<string, string>>): Promise<number>
  stop(): Promise<void>
}

let made = 0

/** A bridge on a real database, with a source worked by hand. */
export function handBridge(databaseUrl: string, options: { clock?: Clock; limits?: { objects: number; bytes: number }; closeAfterMs?: number } = {}): HandBridge {
  const source = new HandSource()
  const metrics = createMetrics('bridge')
  const bridge = startBridgeWith({
    databaseUrl,
    source,
    bridgeId: `test-${process.pid}-${made++}`,
    clock: options.clock ?? systemClock,
    random: Math.random,
    log: silentLog,
    metrics,
    ...(options.limits && { limits: options.limits }),
    closeAfterMs: options.closeAfterMs,
  })
  return {
    bridge,
    source,
    async metric(name, labels = {}) {
      const found = (await metrics.getMetricsAsJSON()).find((metric) => metric.name === `vigil_bridge_${name}`)
      const values = (found?.values ?? []).filter((value) => Object.entries(labels).every(([key, wanted]) => (value.labels as Record<string, unknown>)[key] === wanted))
      return values.reduce((sum, value) => sum + value.value, 0)
    },
    stop: () => bridge.stop(),
  }
}
