import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { Hl7Counters } from './sources/mllp-source.ts'

/** Figures read at the moment they are asked for. */
export interface LiveFigures {
  readonly waitingObjects: () => number
  readonly waitingBytes: () => number
  readonly oldestMs: () => number
  readonly receiptsWaiting: () => number
  readonly databaseUp: () => boolean
  readonly connected: () => boolean
}

export type BridgeMetrics = ReturnType<typeof createBridgeMetrics>

type Read = () => number

export const counters = (registry: Registry) => <T extends string>(name: string, help: string, labelNames: readonly T[] = []) =>
  new Counter<T>({ name: `vigil_bridge_${name}`, help, labelNames: [...labelNames], registers: [registry] })
export const gauges = (registry: Registry) => (name: string, help: string, read: Read) =>
  new Gauge({
    name: `vigil_bridge_${name}`,
    help,
    registers: [registry],
    collect() {
      this.set(read())
    },
  })

/** The figures of a bridge that forwards to an AMQP queue. */
export function createForwardMetrics(registry: Registry) {
  const counter = counters(registry)
  return {
    forwarded: counter('forwarded_total', 'Messages the AMQP queue has accepted'),
    notAccepted: counter('forward_not_accepted_total', 'Times the AMQP peer did not accept a message, which is sent again', ['how']),
    refused: counter('forward_refused_total', 'Messages left unacknowledged at the broker for lack of room'),

    watch({ waiting, bytes, mqtt, amqp }: { waiting: Read; bytes: Read; mqtt: () => boolean; amqp: () => boolean }) {
      const gauge = gauges(registry)
      gauge('waiting_objects', 'Messages waiting to be accepted', waiting)
      gauge('waiting_bytes', 'Bytes of them', bytes)
      gauge('source_connected', '1 while the broker is connected and subscribed', () => Number(mqtt()))
      gauge('amqp_connected', '1 while the AMQP queue is open', () => Number(amqp()))
    },
  }
}

/** The figures of the HL7 listener. */
export function createHl7Metrics(registry: Registry): Hl7Counters {
  const counter = counters(registry)
  const messages = counter('hl7_messages_total', 'HL7 messages committed before they were answered')
  const refused = counter('hl7_refused_total', 'HL7 messages not taken, by reason', ['why'])
  const duplicates = counter('hl7_duplicates_total', 'HL7 messages that were there already')
  const proposals = counter('hl7_proposals_total', 'ADT messages committed to the review list of admissions')
  const faults = counter('hl7_framing_faults_total', 'What was wrong with the framing of a connection', ['fault'])
  const connections = counter('hl7_connections_total', 'Connections of HL7 senders, by what became of them', ['outcome'])
  return {
    messages: () => messages.inc(),
    refused: (why) => refused.labels(why).inc(),
    duplicates: () => duplicates.inc(),
    proposals: () => proposals.inc(),
    faults: (fault) => faults.labels(fault).inc(),
    connections: (outcome) => connections.labels(outcome).inc(),
  }
}

/** Every figure of the durable lane; each deliberate drop has its counter and its reason. */
export function createBridgeMetrics(registry: Registry) {
  const registers = [registry]
  const counter = counters(registry)

  return {
    received: counter('received_total', 'Objects taken in, by channel', ['channel']),
    committed: counter('committed_total', 'Objects committed, by kind', ['kind']),
    duplicates: counter('duplicates_total', 'Objects dropped because their number was committed before'),
    deadLetters: counter('dead_letters_total', 'Objects and messages laid aside, by code', ['code']),
    deadLettersUnkept: counter('dead_letters_unkept_total', 'Of the dead letters, those not kept: the same again within the hour, or too many of one topic'),
    abandoned: counter('abandoned_total', 'Objects given up because not even their dead letter could be written'),
    refused: counter('refused_total', 'Messages left for the devices to send again for lack of room', ['why']),
    handedBack: counter('handed_back_total', 'Messages handed back to the AMQP queue because the database is away'),
    live: counter('live_total', 'Messages from AMQP for the live lane, by what became of them', ['outcome']),
    statesRefused: counter('states_refused_total', 'State messages not understood'),
    batches: counter('batches_total', 'Transactions asked for, by outcome', ['outcome']),
    batchObjects: new Histogram({ name: 'vigil_bridge_batch_objects', help: 'Objects per transaction', buckets: [1, 3, 10, 30, 100, 300, 1_000, 3_000, 5_000], registers }),
    commitSeconds: new Histogram({ name: 'vigil_bridge_commit_seconds', help: 'From taking a batch to its COMMIT', buckets: [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10], registers }),
    receipts: counter('receipts_total', 'Receipts sent'),
    rewinds: counter('rewinds_total', 'Rewinds asked for: the database knew less than it had promised'),
    rollups: counter('rollup_buckets_total', 'Minutes rolled up'),
    rollupSeconds: new Histogram({ name: 'vigil_bridge_rollup_seconds', help: 'Time to roll up one chunk of minutes', buckets: [0.01, 0.03, 0.1, 0.3, 1, 3], registers }),
    rollupFailures: counter('rollup_failures_total', 'Roll-up rounds that failed and are tried again'),
    waves: counter('waves_total', 'Waveform frames of devices whose waveforms are kept: stored, or known before', ['outcome']),
    wavesDropped: counter('waves_dropped_total', 'Waveform frames not kept, by reason', ['why']),
    closedRows: counter('closed_rows_total', 'Samples moved into segments'),
    closingSeconds: new Histogram({ name: 'vigil_bridge_closing_seconds', help: 'Time to close one chunk of device hours', buckets: [0.01, 0.03, 0.1, 0.3, 1, 3], registers }),
    closingFailures: counter('closing_failures_total', 'Rounds of closing that failed and are tried again'),
    retentionDropped: counter('retention_dropped_total', 'Rows dropped because their time was over, by what they were', ['what']),
    closingInexact: counter('closing_inexact_total', 'Device hours left as they are because their segment would not be exact'),

    watch(figures: LiveFigures) {
      const gauge = gauges(registry)
      gauge('waiting_objects', 'Objects waiting for their commit', figures.waitingObjects)
      gauge('waiting_bytes', 'Bytes of the messages waiting for their commit', figures.waitingBytes)
      gauge('oldest_seconds', 'How long the oldest of them has waited', () => figures.oldestMs() / 1000)
      gauge('receipts_waiting', 'Receipts that could not be sent yet', figures.receiptsWaiting)
      gauge('database_up', '1 while the database answers', () => Number(figures.databaseUp()))
      gauge('source_connected', '1 while the broker is connected and subscribed', () => Number(figures.connected()))
    },
  }
}
