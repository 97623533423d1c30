import type { Clock } from '@vigil/contract'
import type { Log } from '@vigil/program'
import type { Registry } from 'prom-client'
import { createHl7Metrics } from './metrics.ts'
import { MllpSource, type MllpListener } from './sources/mllp-source.ts'
import { createAdmissionBox } from './store/admission-box.ts'
import { createAlertStatusBook } from './store/alert-status.ts'
import { createConnection } from './store/connection.ts'
import { createHl7Inbox } from './store/hl7-inbox.ts'
import { explain } from './store/refusal.ts'

export interface Hl7DoorOptions extends MllpListener {
  readonly databaseUrl: string
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
  readonly metrics: Registry
}

/** The HL7 listener with an inbox of its own connection: an answer never waits behind a batch of samples. */
export function openHl7Door({ databaseUrl, log, metrics, ...listener }: Hl7DoorOptions): MllpSource {
  const database = createConnection({ url: databaseUrl, name: 'vigil-bridge-hl7' })
  let lastWhy = ''
  return new MllpSource({
    ...listener,
    inbox: createHl7Inbox(database),
    admissions: createAdmissionBox(database),
    alertStatus: createAlertStatusBook(database),
    close: () => database.close(),
    counters: createHl7Metrics(metrics),
    onFailure(error) {
      const why = explain(error)
      if (why !== lastWhy) log.warn({ why }, 'hl7.not_stored')
      lastWhy = why
    },
  })
}
