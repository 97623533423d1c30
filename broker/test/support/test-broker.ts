import { createMetrics, silentLog, systemClock } from '@vigil/program'
import type { Clock } from '@vigil/contract'
import { type BrokerOptions, memoryVerifiers, type MemoryVerifiers, type RefusalReason, type RunningBroker, startBroker } from '../../src/index.ts'
import { connectPacket, type ConnectOptions, type RawClient, rawTcp, signIn } from './raw-client.ts'

export const PEPPER = Buffer.alloc(32, 7)
export const SERVICES = { bridge: 'the bridge knows this', central: 'the central station knows this' }

export interface TestBroker {
  readonly broker: RunningBroker
  readonly verifiers: MemoryVerifiers
  readonly port: number
  metric(name: string): Promise<string>
  refused(reason: RefusalReason): Promise<number>
  /** A client over plain TCP, closed with the broker. */
  raw(): Promise<RawClient>
  /** A device that has signed in with the secret of its name. */
  device(id: string, options?: ConnectOptions): Promise<RawClient>
  service(name: 'bridge' | 'central', options?: ConnectOptions): Promise<RawClient>
  stop(): Promise<void>
}

export function secretOf(device: string): string {
  return `secret of ${device}`
}

/** A real broker on a free port, with devices `board-1` to `board-3` of site `main` and `far-1` of site `annex`. */
export async function startTestBroker(options: Partial<BrokerOptions> & { readonly clock?: Clock } = {}): Promise<TestBroker> {
  const verifiers = memoryVerifiers(PEPPER)
  for (const id of ['board-1', 'board-2', 'board-3']) verifiers.add(id, { secret: secretOf(id) })
  verifiers.add('far-1', { site: 'annex', secret: secretOf('far-1') })
  const metrics = createMetrics('vigil-broker')
  const broker = await startBroker({ ports: { mqtt: 0 }, verifiers, pepper: PEPPER, services: SERVICES, metrics, log: silentLog, clock: systemClock, ...options })
  const clients: RawClient[] = []
  const port = broker.ports.mqtt ?? 0

  const raw = async () => {
    const client = await rawTcp(port)
    clients.push(client)
    return client
  }
  const enter = async (connect: ConnectOptions) => {
    const client = await raw()
    const { returnCode } = await signIn(client, connect)
    if (returnCode !== 0) throw new Error(`${connect.username} was refused with ${returnCode}: ${JSON.stringify(connectPacket(connect))}`)
    return client
  }
  const metric = async (name: string) => (await metrics.metrics()).split('\n').find((line) => line.startsWith(name))?.split(' ').at(-1) ?? 'missing'

  return {
    broker,
    verifiers,
    port,
    metric,
    refused: async (reason) => Number(await metric(`vigil_broker_refused_total{reason="${reason}"`)),
    raw,
    device: (id, more = {}) => enter({ username: id, password: secretOf(id), ...more }),
    service: (name, more = {}) => enter({ username: name, password: SERVICES[name], clientId: `${name}-${clients.length}`, ...more }),
    async stop() {
      for (const client of clients) client.close()
      await broker.stop()
    },
  }
}
