import { createServer } from 'node:net'
import { AppError } from '@vigil/contract'
import type { StartSettings } from './settings.ts'

export interface WantedPort {
  readonly setting: string
  readonly port: number
  readonly bind: string
}

const LOOPBACK = '127.0.0.1'

/** Every port the ward will listen on with these settings; what comes from outside needs none. */
export function wantedPorts(settings: StartSettings): readonly WantedPort[] {
  const { bind } = settings
  const ports: WantedPort[] = [{ setting: 'VIGIL_HTTP_PORT', port: settings.httpPort, bind }]
  if (settings.mqttUrl === undefined) {
    ports.push({ setting: 'VIGIL_MQTT_PORT', port: settings.mqttPort, bind: LOOPBACK })
    ports.push({ setting: 'VIGIL_MQTTS_PORT', port: settings.mqttsPort, bind })
    ports.push({ setting: 'VIGIL_MQTT_WS_PORT', port: settings.mqttWsPort, bind })
    ports.push({ setting: 'VIGIL_BROKER_HEALTH_PORT', port: settings.brokerHealthPort, bind: LOOPBACK })
  }
  if (settings.databaseUrl === undefined) ports.push({ setting: 'VIGIL_PG_PORT', port: settings.pgPort, bind: LOOPBACK })
  ports.push({ setting: 'VIGIL_BRIDGE_HEALTH_PORT', port: settings.bridgeHealthPort, bind: LOOPBACK })
  if (settings.mllpPort !== 0) ports.push({ setting: 'VIGIL_MLLP_PORT', port: settings.mllpPort, bind })
  return ports
}

/** Looks at all ports before anything starts, so that a taken one stops nothing half way. */
export async function assertPortsFree(ports: readonly WantedPort[]): Promise<void> {
  assertDistinct(ports)
  const problems = await Promise.all(ports.map(async (wanted) => ({ wanted, code: await tryListen(wanted) })))
  const taken = problems.filter(({ code }) => code === 'EADDRINUSE').map(({ wanted }) => wanted)
  if (taken.length > 0) throw takenError(taken)
  for (const { wanted, code } of problems) {
    if (code !== undefined) throw new AppError('START_FAILED', `Cannot listen on ${wanted.bind}:${wanted.port} (${wanted.setting}): ${code}.`, { details: { ...wanted } })
  }
}

function assertDistinct(ports: readonly WantedPort[]): void {
  const settingOf = new Map<number, string>()
  for (const { port, setting } of ports) {
    const other = settingOf.get(port)
    if (other !== undefined) throw new AppError('SETTINGS_INVALID', `${other} and ${setting} are both ${port}. Give each a port of its own.`, { details: { port } })
    settingOf.set(port, setting)
  }
}

function takenError(taken: readonly WantedPort[]): AppError {
  const [first] = taken
  const details = { ports: taken.map(({ port, setting }) => ({ port, setting })) }
  if (taken.length === 1 && first) return new AppError('PORT_TAKEN', `Port ${first.port} is in use by another program. Stop it, or choose another port with ${first.setting}.`, { details })
  const list = taken.map(({ port, setting }) => `${port} (${setting})`).join(', ')
  return new AppError('PORT_TAKEN', `Ports ${list} are in use by other programs. Stop them, or choose other ports with these settings.`, { details })
}

/** The error code of listening there for an instant, or undefined when it is free. */
export function tryListen({ port, bind }: Pick<WantedPort, 'port' | 'bind'>): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    server.listen({ port, host: bind, exclusive: true }, () => server.close(() => resolve(undefined)))
  })
}
