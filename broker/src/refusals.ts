import type { Clock } from '@vigil/contract'
import type { Log } from '@vigil/program'
import { Counter, type Registry } from 'prom-client'

/** Why the broker turned something away. Each is a label of `vigil_broker_refused_total` and stands in broker/README.md. */
export const refusalReasons = [
  'protocol_version', 'client_id', 'keepalive', 'will', 'secondary_sessions', 'credentials', 'retired', 'locked_out', 'registry_away',
  'unsigned_connections', 'connections', 'connect_rate', 'connect_timeout', 'tls_handshake', 'websocket', 'keepalive_timeout',
  'packet_size', 'malformed', 'protocol_order', 'text', 'topic', 'publish_right', 'subscribe_right', 'subscriptions', 'qos2',
  'retain_flag', 'retained_size', 'message_rate', 'control_rate', 'slow_reader', 'unacknowledged', 'unreceipted',
  'away_queue', 'away_size', 'away_age', 'revoked', 'alink_client_id', 'alink_only', 'alink_address', 'phone_room',
] as const
export type RefusalReason = (typeof refusalReasons)[number]

/** Facts beside a refusal: ids and figures, never a secret and never a payload. */
export type RefusalFacts = Readonly<Record<string, string | number | boolean | undefined>>

export interface Refusals {
  /** Counts one refusal and logs it, unless the same reason filled the log already. */
  note(reason: RefusalReason, facts?: RefusalFacts): void
}

/** CONNACK codes of MQTT 3.1.1 table 3.1. A device that hears 3 tries again later; the others need a person. */
export const VERSION = 1
export const IDENTIFIER = 2
export const UNAVAILABLE = 3
export const BAD_CREDENTIALS = 4
export const NOT_AUTHORISED = 5

/** An error for Aedes, which closes the connection with it. It has been noted already. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly reason: RefusalReason
  readonly returnCode: number

  constructor(reason: RefusalReason, returnCode = NOT_AUTHORISED) {
    super(reason)
    this.reason = reason
    this.returnCode = returnCode
  }
}

/** Log lines for one reason: a fuzzer made 376,000 a minute without this. */
const LINES_PER_WINDOW = 5
const LOG_WINDOW_MS = 10_000

interface Window {
  startedAt: number
  lines: number
  unsaid: number
}

export function createRefusals({ metrics, log, clock }: { metrics: Registry; log: Log; clock: Clock }): Refusals {
  const counter = new Counter({
    name: 'vigil_broker_refused_total',
    help: 'Connections, packets and messages the broker turned away, by reason',
    labelNames: ['reason'],
    registers: [metrics],
  })
  for (const reason of refusalReasons) counter.inc({ reason }, 0)
  const windows = new Map<RefusalReason, Window>()

  return {
    note(reason, facts = {}) {
      counter.inc({ reason })
      const window = windowOf(reason)
      if (window.lines >= LINES_PER_WINDOW) {
        window.unsaid += 1
        return
      }
      window.lines += 1
      log.warn({ reason, ...facts, ...(window.unsaid > 0 ? { unsaid: window.unsaid } : {}) }, 'broker.refused')
      window.unsaid = 0
    },
  }

  function windowOf(reason: RefusalReason): Window {
    const now = clock.monotonic()
    const known = windows.get(reason)
    if (known && now - known.startedAt < LOG_WINDOW_MS) return known
    const fresh = { startedAt: now, lines: 0, unsaid: known?.unsaid ?? 0 }
    windows.set(reason, fresh)
    return fresh
  }
}
