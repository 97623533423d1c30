import { alarms } from './benchmarks/alarms.ts'
import { amqp } from './benchmarks/amqp.ts'
import { ingest } from './benchmarks/ingest.ts'
import { type Benchmark } from './framework/benchmark.ts'

/** Every benchmark there is; a new one is a file and a line here. */
export const benchmarks: readonly Benchmark[] = [...ingest, ...amqp, ...alarms]
