import { isLoopback, readDemoMark } from '@vigil/program'
import { mqttUrl } from './programs.ts'
import type { StartSettings } from './settings.ts'

const ANY = new Set(['0.0.0.0', '::'])

/** An address a person can open on this computer. */
export function hostFor(bind: string): string {
  if (ANY.has(bind)) return '127.0.0.1'
  return bind.includes(':') ? `[${bind}]` : bind
}

export function httpUrl(settings: StartSettings): string {
  const scheme = settings.tlsCert === undefined ? 'http' : 'https'
  return `${scheme}://${hostFor(settings.bind)}:${settings.httpPort}`
}

/** The last line `npm start` prints: where everything is, for programs that start Vigil. Never a secret. */
export function readyLine(settings: StartSettings, dataDir: string): Record<string, unknown> {
  const host = hostFor(settings.bind)
  const own = settings.mqttUrl === undefined
  return {
    ready: true,
    http: httpUrl(settings),
    mqtt: mqttUrl(settings),
    ...(own ? { mqtts: `mqtts://${host}:${settings.mqttsPort}`, mqttWs: `${isLoopback(settings.bind) ? 'ws' : 'wss'}://${host}:${settings.mqttWsPort}` } : {}),
    ...(settings.mllpPort === 0 ? {} : { hl7: `mllp://${host}:${settings.mllpPort}` }),
    ...(settings.amqpPort === 0 ? {} : { amqp: `${settings.tlsCert === undefined ? 'amqp' : 'amqps'}://${host}:${settings.amqpPort}` }),
    ...(settings.databaseUrl === undefined ? { postgresPort: settings.pgPort } : {}),
    user: 'admin',
    demoBeds: readDemoMark(dataDir) === undefined ? settings.demoBeds : 0,
    data: dataDir,
    pid: process.pid,
  }
}
