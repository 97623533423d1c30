import type { ExportJob, NewExport } from '@vigil/contract/api/exports'
import type { FakeCentral } from './fake-central.ts'
import { uuid } from './people.ts'
import { Refusal, type Route } from './refusal.ts'

function make(c: FakeCentral, asked: NewExport): ExportJob {
  const { format, beds = [], stays = [], devices = [], signals = [], from, to } = asked
  const job: ExportJob = {
    id: uuid(0x9000 + c.exports.length), format, gzip: true, beds, stays, devices, signals, from: new Date(Number(from)).toISOString(), to: new Date(Number(to)).toISOString(),
    state: 'running', samples: 21_000, rows: 126_000, share: 0.42, bytes: 1_300_000, fileName: `vigil-2026-07-14-0000900${c.exports.length}.${format}.gz`,
    createdAt: new Date(c.clock.now()).toISOString(), expectedAt: new Date(c.clock.now() + 120_000).toISOString(),
  }
  c.exports.unshift(job)
  return job
}

export const exportRoutes: readonly Route[] = [
  ['GET', '/exports', 'history:export', (c) => ({ exports: c.exports })],
  ['POST', '/exports', 'history:export', (c, { body }) => make(c, body as NewExport)],
  ['DELETE', '/exports/*', 'history:export', (c, { params }) => {
    const at = c.exports.findIndex(({ id }) => id === params[0])
    if (at < 0) throw new Refusal('NOT_FOUND', 'There is no such export')
    c.exports.splice(at, 1)
    return undefined
  }],
]
