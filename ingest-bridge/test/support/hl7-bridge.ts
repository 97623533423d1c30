import { startBridge, type BridgeOptions, type StartedBridge } from '../../src/start-bridge.ts'

/** A bridge that listens for HL7 on a free port of this machine, ready. */
export async function startHl7Bridge(databaseUrl: string, brokerUrl: string, hl7: Partial<NonNullable<BridgeOptions['hl7']>> = {}): Promise<StartedBridge> {
  const bridge = startBridge({ databaseUrl, mqtt: { url: brokerUrl, username: 'bridge', password: '' }, random: () => 0, hl7: { port: 0, bind: '127.0.0.1', allow: [], admit: true, ...hl7 } })
  await bridge.ready()
  return bridge
}
