import { onTestFinished } from 'vitest'
import { checkDeviceState, type DeviceState, parseTopic, topicOf } from '@vigil/contract'
import type { SpoolLane } from '../../src/spool/protocol.ts'
import { modelServer, type ModelServer } from './model-server.ts'
import type { TestBroker } from './test-broker.ts'

export interface ModelBridge extends ModelServer {
  /** With the database away nothing is stored and nothing is receipted. */
  databaseUp: boolean
  readonly states: DeviceState[]
  /** Lanes in the order messages came. */
  readonly lanes: SpoolLane[]
}

const COALESCE_MS = 50
const lanes: ReadonlySet<string> = new Set<SpoolLane>(['tele', 'backlog', 'event'])

/** The durable lane in memory: a ledger behind a real broker, which answers with receipts. */
export function attachModelBridge(broker: TestBroker, server: ModelServer = modelServer()): ModelBridge {
  const owed = new Map<string, { site: string; device: string; epoch: string }>()
  const bridge: ModelBridge = Object.assign(Object.create(server) as ModelServer, { databaseUp: true, states: [] as DeviceState[], lanes: [] as SpoolLane[] })

  broker.onMessage = ({ topic, text }) => {
    const parsed = parseTopic(topic)
    if (!parsed) return
    const { site, device, channel } = parsed
    if (channel === 'state') {
      const state = checkDeviceState(JSON.parse(text))
      if (!state.ok) return
      bridge.states.push(state.value)
      if (bridge.databaseUp && state.value.st === 'online' && state.value.e) broker.publish(topicOf({ site, device }, 'receipt'), server.answerOnline(state.value.e, state.value.upto ?? 0))
    }
    if (!lanes.has(channel) || !bridge.databaseUp) return
    bridge.lanes.push(channel as SpoolLane)
    server.receive(channel as SpoolLane, text)
    const values = [JSON.parse(text)].flat() as { e: string }[]
    for (const { e } of values) owed.set(`${device}/${e}`, { site, device, epoch: e })
  }
  const timer = setInterval(() => {
    for (const { site, device, epoch } of owed.values()) broker.publish(topicOf({ site, device }, 'receipt'), server.receiptFor(epoch))
    owed.clear()
  }, COALESCE_MS)
  onTestFinished(() => clearInterval(timer))
  return bridge
}
