import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AppError } from '@vigil/contract'
import { signIn, type Api } from './api.ts'
import { freePortSettings } from './ports.ts'
import { until } from '@vigil/ops/testing'

export const ROOT = join(import.meta.dirname, '..', '..')
const START = join(ROOT, 'ops/src/cli/start.ts')

export interface ReadyLine {
  readonly ready: true
  readonly http: string
  readonly mqtt: string
  readonly [key: string]: unknown
}

export interface Started {
  readonly child: ChildProcess
  readonly settings: Readonly<Record<string, string>>
  output(): { out: string; err: string }
  /** Exit code once the process has ended. */
  readonly ended: Promise<number | null>
}

export interface Ward extends Started {
  readonly dir: string
  readonly ready: ReadyLine
  readonly password: string
  admin(): Promise<Api>
  stop(): Promise<number | null>
  /** Stops and removes the data. */
  end(): Promise<void>
}

/** Starts what `npm start` runs, without waiting for anything. */
export function spawnStart(settings: Readonly<Record<string, string>>): Started {
  const child = spawn(process.execPath, [START], { cwd: ROOT, env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '/', ...settings }, stdio: ['ignore', 'pipe', 'pipe'] })
  let [out, err] = ['', '']
  child.stdout.on('data', (d: Buffer) => { out += d.toString() })
  child.stderr.on('data', (d: Buffer) => { err += d.toString() })
  const ended = new Promise<number | null>((resolve) => {
    child.on('close', (code) => resolve(code))
  })
  return { child, settings, ended, output: () => ({ out, err }) }
}

/** A whole ward in a folder of its own on free ports. `keep` starts it again on the data of an earlier one. */
export async function startWard(extra: Record<string, string> = {}, keep?: Ward): Promise<Ward> {
  const dir = keep?.dir ?? mkdtempSync(join(tmpdir(), 'vigil-ward-'))
  const password = 'a long enough password'
  const settings = keep?.settings ?? { ...(await freePortSettings()), VIGIL_DATA: dir, VIGIL_ADMIN_PASSWORD: password, VIGIL_DEMO_BEDS: '0', ...extra }
  const started = spawnStart(settings)
  const ready = await until('the ready line', 120_000, async () => {
    const line = started.output().out.split('\n').find((l) => l.startsWith('{"ready":true'))
    // What it said may still be on its way when it is gone already.
    if (!line && started.child.exitCode !== null) throw new AppError('START_FAILED', `The ward ended with ${await started.ended}:\n${started.output().err}`)
    return line === undefined ? undefined : (JSON.parse(line) as ReadyLine)
  })
  const stop = async () => {
    started.child.kill('SIGTERM')
    return started.ended
  }
  return {
    ...started,
    dir,
    ready,
    password,
    admin: () => signIn(ready.http, 'admin', password),
    stop,
    async end() {
      await stop()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}
