import { type ChildProcess, spawn } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AppError } from '@vigil/contract'
import { until } from '@vigil/ops/testing'
import { signIn, type Api } from './api.ts'
import { descendants } from './processes.ts'
import { ROOT, type Ward } from './ward.ts'

export interface SecondStation {
  readonly child: ChildProcess
  readonly http: string
  readonly admin: Api
  end(): Promise<void>
}

/** Another central station of the same site, started by itself as the operations page tells: the same database and broker, a data directory of its own. */
export async function startSecondStation(ward: Ward, databaseUrl: string, extra: Readonly<Record<string, string>> = {}): Promise<SecondStation> {
  const dir = mkdtempSync(join(tmpdir(), 'vigil-second-'))
  cpSync(join(ward.dir, 'secrets'), join(dir, 'secrets'), { recursive: true })
  const env = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '/', VIGIL_DATA: dir, DATABASE_URL: databaseUrl, VIGIL_MQTT_URL: ward.ready.mqtt, VIGIL_HTTP_PORT: '0', ...extra }
  const child = spawn(process.execPath, [join(ROOT, 'central-station/src/cli/main.ts')], { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let [out, err] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => { out += chunk.toString() })
  child.stderr.on('data', (chunk: Buffer) => { err += chunk.toString() })
  const http = await until('the second station', 60_000, () => {
    if (child.exitCode !== null) throw new AppError('START_FAILED', err)
    return /"ready":true.*"http":"([^"]+)"/.exec(out)?.[1]
  })
  const admin = await signIn(http, 'admin', ward.password)
  return {
    child,
    http,
    admin,
    async end() {
      const gone = new Promise((resolve) => { child.once('exit', resolve) })
      child.kill('SIGTERM')
      await gone
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** The alarm engine that a station began. */
export function engineOf(station: number): number {
  const found = descendants(station).find(({ command }) => command.includes('cli/alarm-engine.ts'))
  if (!found) throw new AppError('INTERNAL', `Process ${station} has no alarm engine.`)
  return found.pid
}
