import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import type { FromEngine } from '../../src/alarms/place/channel.ts'
import { reachEngine, socketPath } from '../../src/alarms/place/socket-channel.ts'

const MAIN = join(import.meta.dirname, '../../src/cli/main.ts')

export interface StationProcess {
  readonly process: ChildProcess
  readonly http: string
  /** Ends it as `signal` does, and waits for that. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>
}

/** The program as it runs in a house, with its alarm engine as a process of its own. */
export async function startStationProcess({ data, databaseUrl, mqttUrl, password }: { data: string; databaseUrl: string; mqttUrl: string; password: string }): Promise<StationProcess> {
  const station = spawn(process.execPath, [MAIN], { env: { PATH: process.env['PATH'] ?? '', VIGIL_DATA: data, DATABASE_URL: databaseUrl, VIGIL_MQTT_URL: mqttUrl, VIGIL_HTTP_PORT: '0', VIGIL_ADMIN_PASSWORD: password }, stdio: ['ignore', 'pipe', 'ignore'] })
  const http = await new Promise<string>((resolve) => {
    station.stdout?.on('data', (chunk: Buffer) => {
      const found = /"http":"([^"]+)"/.exec(chunk.toString())?.[1]
      if (found !== undefined) resolve(found)
    })
  })
  return {
    process: station,
    http,
    async end(signal) {
      if (station.exitCode !== null || station.signalCode !== null) return
      const gone = new Promise((resolve) => { station.once('exit', resolve) })
      station.kill(signal)
      await gone
    },
  }
}

/** Who answers at the socket of the engine of this data directory. */
export async function enginePidOf(data: string): Promise<number | undefined> {
  const end = await reachEngine(socketPath(join(data, 'central')))
  if (!end) return undefined
  const pid = await new Promise<number>((resolve) => { end.onMessage((message: FromEngine) => message.t === 'hello' && resolve(message.pid)) })
  end.close()
  return pid
}
