import { createServer } from 'node:net'

/** A port nobody listens on right now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

/** Settings that put a whole ward on free ports. */
export async function freePortSettings(): Promise<Record<string, string>> {
  const names = ['VIGIL_MQTT_PORT', 'VIGIL_MQTTS_PORT', 'VIGIL_MQTT_WS_PORT', 'VIGIL_HTTP_PORT', 'VIGIL_PG_PORT', 'VIGIL_BROKER_HEALTH_PORT', 'VIGIL_BRIDGE_HEALTH_PORT']
  const settings: Record<string, string> = {}
  for (const name of names) settings[name] = String(await freePort())
  return settings
}
