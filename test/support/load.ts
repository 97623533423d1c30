import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { AppError } from '@vigil/contract'
import { ROOT, type Ward } from './ward.ts'

/** What the load generator says at the end: what its boards produced, beside what the ledger holds. */
export interface LoadReport {
  readonly produced: number
  readonly stored: number
  readonly missing: number
  readonly duplicates: number
  readonly invented: number
  readonly lost: number
  readonly sensorToWallMs: { readonly observed: number; readonly p95: number }
}

export interface LoadRun {
  readonly pid: number
  /** The report, or a failure with all the program said. */
  readonly report: Promise<LoadReport>
}

/** Boards that run the agent's own spool, protocol and link, in a process of their own that can be killed. */
export function startLoad(ward: Ward, { devices, real, seconds, folder, env = {} }: { devices: number; real: number; seconds: number; folder: string; env?: Readonly<Record<string, string>> }): LoadRun {
  const args = [join(ROOT, 'ops/src/cli/load.ts'), '--devices', String(devices), '--real', String(real), '--seconds', String(seconds), '--run-folder', folder, '--http-url', ward.ready.http, '--mqtt-url', ward.ready.mqtt]
  const child = spawn(process.execPath, args, { cwd: ROOT, env: { PATH: process.env['PATH'] ?? '', VIGIL_DATA: ward.dir, VIGIL_ADMIN_PASSWORD: ward.password, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  child.stdout.on('data', (d: Buffer) => { said += d.toString() })
  child.stderr.on('data', (d: Buffer) => { said += d.toString() })
  const report = new Promise<LoadReport>((resolve, reject) => {
    child.on('close', () => {
      const line = said.split('\n').findLast((l) => l.startsWith('{"devices"'))
      if (line) resolve(JSON.parse(line) as LoadReport)
      else reject(new AppError('INTERNAL', `The load generator gave no report:\n${said}`))
    })
  })
  // A killed run never reports, and nobody may be listening.
  report.catch(() => undefined)
  return { pid: child.pid as number, report }
}
