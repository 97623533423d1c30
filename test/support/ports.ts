import { freePort } from '@vigil/ops/testing'

/** Settings that put a whole ward on free ports. */
export async function freePortSettings(): Promise<Record<string, string>> {
  const names = ['VIGIL_MQTT_PORT', 'VIGIL_MQTTS_PORT', 'VIGIL_MQTT_WS_PORT', 'VIGIL_HTTP_PORT', 'VIGIL_PG_PORT', 'VIGIL_BROKER_HEALTH_PORT', 'VIGIL_BRIDGE_HEALTH_PORT', 'VIGIL_MLLP_PORT', 'VIGIL_AMQP_PORT']
  // A port that was let go of a moment ago may be given out again.
  const ports = new Set<number>()
  while (ports.size < names.length) ports.add(await freePort())
  return Object.fromEntries([...ports].map((port, i) => [names[i] as string, String(port)]))
}
