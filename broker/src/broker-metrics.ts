import { Counter, type Registry } from 'prom-client'
import { collectedGauge } from './collected-gauge.ts'
import type { VerifierFacts } from './identity/verifiers.ts'
import type { Role } from './rights/rights.ts'
import type { Session } from './session.ts'

export interface BrokerMetrics {
  published(role: Role, channel: string): void
  delivered(role: Role): void
  takenOver(): void
}

export interface MetricSources {
  sessions(): Iterable<Session>
  unsigned(): number
  unreceipted(): number
  awayBytes(): number
  verifiers(): VerifierFacts
}

const ROLES: readonly Role[] = ['device', 'phone', 'bridge', 'central']

/** The broker's figures on `/metrics`; broker/README.md says what each means and when to act. */
export function createBrokerMetrics(metrics: Registry, sources: MetricSources): BrokerMetrics {
  const registers = [metrics]
  const published = new Counter({ name: 'vigil_broker_published_total', help: 'Messages accepted, by who sent them and on which channel', labelNames: ['role', 'channel'], registers })
  const delivered = new Counter({ name: 'vigil_broker_delivered_total', help: 'Messages handed out, by who receives them', labelNames: ['role'], registers })
  const takenOver = new Counter({ name: 'vigil_broker_takeovers_total', help: 'Sessions of a device ended by a newer one of the same device', registers })
  for (const role of ROLES) delivered.inc({ role }, 0)

  // Looked up once, not for every message.
  const deliveredTo = { device: delivered.labels('device'), phone: delivered.labels('phone'), bridge: delivered.labels('bridge'), central: delivered.labels('central') }
  const counters = new Map<string, Counter.Internal>()
  const publishedBy = (role: Role, channel: string): Counter.Internal => {
    const key = `${role} ${channel}`
    const known = counters.get(key) ?? published.labels(role, channel)
    counters.set(key, known)
    return known
  }

  collectedGauge(metrics, 'vigil_broker_clients', 'Clients signed in, by role', (gauge) => {
    for (const role of ROLES) gauge.set({ role }, count(sources.sessions(), role))
  }, ['role'])
  collectedGauge(metrics, 'vigil_broker_unsigned_connections', 'Connections that have not signed in yet', (gauge) => gauge.set(sources.unsigned()))
  collectedGauge(metrics, 'vigil_broker_queued_bytes', 'Bytes that wait for a connected client to read them', (gauge) => {
    gauge.set([...sources.sessions()].reduce((sum, session) => sum + session.peer.queuedBytes(), 0))
  })
  collectedGauge(metrics, 'vigil_broker_unreceipted_messages', 'Messages whose PUBACK waits for the receipt', (gauge) => gauge.set(sources.unreceipted()))
  collectedGauge(metrics, 'vigil_broker_away_bytes', 'Bytes of commands and configuration kept for devices that are away', (gauge) => gauge.set(sources.awayBytes()))
  collectedGauge(metrics, 'vigil_broker_registry_up', '1 while the device registry answers', (gauge) => gauge.set(sources.verifiers().link ? 1 : 0))
  collectedGauge(metrics, 'vigil_broker_verifiers', 'Devices whose sign-in can be checked without the registry', (gauge) => gauge.set(sources.verifiers().cached))
  collectedGauge(metrics, 'vigil_broker_verifiers_age_seconds', 'Seconds since the registry was last read whole; -1 when never', (gauge) => {
    const { ageMs } = sources.verifiers()
    gauge.set(ageMs === undefined ? -1 : ageMs / 1_000)
  })

  return {
    published: (role, channel) => publishedBy(role, channel).inc(),
    delivered: (role) => deliveredTo[role].inc(),
    takenOver: () => takenOver.inc(),
  }
}

function count(sessions: Iterable<Session>, role: Role): number {
  let found = 0
  for (const session of sessions) if (session.signedIn?.identity.role === role) found += 1
  return found
}
