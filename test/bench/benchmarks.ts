import { alarmScreens } from './benchmarks/alarm-screens.ts'
import { alarms } from './benchmarks/alarms.ts'
import { amqp } from './benchmarks/amqp.ts'
import { away } from './benchmarks/away.ts'
import { connections } from './benchmarks/connections.ts'
import { growth } from './benchmarks/growth.ts'
import { healthImport } from './benchmarks/health-import.ts'
import { history } from './benchmarks/history.ts'
import { hl7 } from './benchmarks/hl7.ts'
import { ingest } from './benchmarks/ingest.ts'
import { latency } from './benchmarks/latency.ts'
import { screen } from './benchmarks/screen.ts'
import type { Benchmark } from './framework/benchmark.ts'

/** Every benchmark there is; a new one is a file and a line here. */
export const benchmarks: readonly Benchmark[] = [...ingest, latency, screen, connections, growth, ...amqp, ...history, ...hl7, healthImport, ...alarms, alarmScreens, away]
