import type { AccessTokenCreated, Patient, Stay } from '@vigil/contract'
import { until } from '@vigil/ops/testing'
import { joinAsDevice } from '../support/broker.ts'
import { rows, startPostgres, type TestPostgres } from '../support/postgres.ts'
import { storeSamples } from '../support/records.ts'
import { startStation, type TestStation } from '../support/station.ts'

/** Quite a while ago, so that nothing here depends on when it runs. */
export const START_MS = Date.UTC(2026, 2, 1, 11)

export interface FhirWard {
  readonly postgres: TestPostgres
  readonly station: TestStation
  readonly base: string
  /** A program that may read everything. */
  readonly token: string
  readonly ada: { readonly patient: Patient; readonly stay: Stay; readonly deviceId: string }
  readonly demo: { readonly patient: Patient; readonly stay: Stay; readonly deviceId: string }
  stop(): Promise<void>
}

/** Of the file that runs: set before its first test. */
export let ward: FhirWard

export function useWard(started: FhirWard): void {
  ward = started
}

/** Two people, one of them a demo; a board of ours on each, twenty minutes of data at 1 Hz for the first. */
export async function startFhirWard(): Promise<FhirWard> {
  const postgres = await startPostgres()
  const station = await startStation({ databaseUrl: await postgres.database(), outboundAllow: '127.0.0.1' })
  const { admin } = station
  await admin.post('/wards', { id: 'east', name: 'Ward East', beds: [{ id: 'e1', label: '1' }, { id: 'e2', label: '2' }] })
  await admin.post('/wards', { id: 'show', name: 'Show', mode: 'demo', beds: [{ id: 'd1', label: '1' }] })
  const ada = await admit(station, { device: { id: 'board_1' }, patient: { familyName: 'Byron', givenName: 'Ada Augusta', title: 'Dr', birthDate: '1815-12-10', sex: 'female', identifier: 'H-1815' }, bedId: 'e1' })
  const demo = await admit(station, { device: { id: 'show-1', mode: 'demo' }, patient: { familyName: 'Demo', mode: 'demo' }, bedId: 'd1' })
  const { token } = await admin.post<AccessTokenCreated>('/tokens', { name: 'reader', rights: ['patient:read', 'device:read', 'history:read', 'audit:read', 'ward:read', 'integration:write'] })
  await storeSamples(station.databaseUrl, 'board_1', Array.from({ length: 1_200 }, (_, i) => sampleAt(i)))
  await sayBirth(station)
  await raiseAlarms(station, ada.stay)
  return {
    postgres, station, token, ada, demo,
    base: `${station.http}/fhir`,
    async stop() {
      await station.stop()
      await postgres.stop()
    },
  }
}

/** What a board says when it comes: what it is and what it measures. */
async function sayBirth({ broker, http, admin }: TestStation): Promise<void> {
  const board = await joinAsDevice(broker.url, 'board_1')
  await board.say('state', { st: 'online', e: 'e1', fw: '1.4.0', hw: 'rpi-zero2', caps: { receipts: true, signals: ['pr', 'spo2', 'rr', 'temp', 'rrppg', 'batt'] } }, { retain: true })
  await until(`${http} to know the board`, 20_000, async () => (await admin.get<{ firmware?: string }>('/devices/board_1')).firmware)
  await board.leave()
}

/** Alarms as the engine leaves them: one over, one open, one about the sensor, and one that was never announced. */
async function raiseAlarms({ databaseUrl }: TestStation, { id }: Stay): Promise<void> {
  const alarms = [
    ['low:spo2', 'physiological', 'high', 'cleared', START_MS + 100_000, START_MS + 160_000],
    ['high:pr', 'physiological', 'medium', 'active', START_MS + 200_000, null],
    ['probe_off:spo2', 'technical', 'low', 'acknowledged', START_MS + 600_000, null],
    ['apnoea', 'physiological', 'high', 'pending', null, null],
  ] as const
  for (const [i, [condition, kind, priority, phase, announced, ended]] of alarms.entries()) {
    const iso = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString())
    await rows(
      databaseUrl,
      `insert into alarm (id, subject_kind, subject_id, site, ward_id, bed_id, stay_id, device_id, mode, condition, kind, priority, phase, n, version, since_at, announced_at, ended_at, first_acknowledged_at, acknowledged_by, value, worst, lim, questionable)
       values ($1, 'stay', $2::text, 'main', 'east', 'e1', $2::text::uuid, 'board_1', 'real', $3, $4, $5, $6, 3, 1, $7, $8, $9, $10, $11, 84, 82, 90, false)`,
      [`00000000-0000-7000-8000-00000000000${i}`, id, condition, kind, priority, phase, iso(announced ?? START_MS), iso(announced), iso(ended), phase === 'acknowledged' ? iso(START_MS + 610_000) : null, phase === 'acknowledged' ? 'nurse' : null],
    )
  }
}

/** The i-th second: vital signs, a blood pressure each five minutes, a finger that slips off, movement. */
export function sampleAt(i: number): Parameters<typeof storeSamples>[2][number] {
  const off = i >= 600 && i < 660
  return {
    t: START_MS + i * 1_000, seq: i + 1, epoch: 'e1', lagMs: 250,
    values: { ...(off ? {} : { pr: 70 + (i % 10), spo2: 97 }), rr: 14, temp: 36.8, ...(i % 300 === 0 ? { sys: 121, dia: 79, map: 93 } : {}), ...(i % 300 === 150 ? { pip: 18.5 } : {}) },
    remarks: off ? { x: { pr: 'off', spo2: 'off' } } : i % 100 === 7 ? { q: { spo2: 'motion' } } : {},
  }
}

async function admit({ admin, databaseUrl }: TestStation, { device, patient, bedId }: { device: { id: string; mode?: string }; patient: object; bedId: string }): Promise<FhirWard['ada']> {
  await admin.post('/devices', device)
  const made = await admin.post<Patient>('/patients', patient)
  const stay = await admin.post<Stay>('/stays', { patientId: made.id, bedId, deviceId: device.id, reason: 'Pneumonia' })
  // Admitted long ago; nobody may enter that by hand.
  for (const table of ['stay', 'stay_bed', 'monitoring_interval']) {
    await rows(databaseUrl, `update ${table} set ${table === 'stay' ? 'admitted_at' : 'from_at'} = $1 where ${table === 'stay' ? 'id' : 'stay_id'} = $2`, [new Date(START_MS - 3_600_000).toISOString(), stay.id])
  }
  return { patient: made, stay, deviceId: device.id }
}

export interface Concept {
  readonly coding: readonly { readonly system?: string; readonly code: string; readonly display?: string }[]
  readonly text?: string
}

/** As much as the tests look at of whatever a FHIR server answers. */
export interface Json {
  readonly resourceType: string
  readonly id: string
  readonly meta: { readonly versionId: string; readonly lastUpdated: string; readonly profile?: readonly string[]; readonly tag?: Concept['coding'] }
  readonly code: Concept
  readonly status: string
  readonly period: { readonly start: string; readonly end: string }
  readonly extension: readonly object[]
  readonly component: readonly { readonly code: Concept; readonly valueQuantity?: { readonly value: number } }[]
  readonly effectiveDateTime: string
  readonly total?: number
  readonly link: readonly { readonly relation: string; readonly url: string }[]
  readonly entry?: readonly { readonly fullUrl: string; readonly resource: Json; readonly search: { readonly mode: string } }[]
  readonly issue: readonly { readonly severity: string; readonly code: string; readonly details: Concept }[]
}

export interface FhirAnswer {
  readonly status: number
  readonly headers: Headers
  readonly body: Json
}

/** Calls as any HTTP client would, each on a connection of its own: one kept open could end while the validators keep this process busy; `path` may be a whole address from a link. */
export async function fhir({ base, token }: Pick<FhirWard, 'base' | 'token'>, path: string, init: { method?: string; headers?: Record<string, string>; body?: string } = {}): Promise<FhirAnswer> {
  const response = await fetch(path.startsWith('http') ? path : `${base}${path}`, { ...init, headers: { connection: 'close', authorization: `Bearer ${token}`, ...init.headers } })
  const text = await response.text()
  return { status: response.status, headers: response.headers, body: (text === '' ? {} : JSON.parse(text)) as Json }
}

export function resourcesOf(bundle: Json, mode = 'match'): Json[] {
  return (bundle.entry ?? []).filter((entry) => entry.search.mode === mode).map((entry) => entry.resource)
}

export function nextOf(bundle: Json): string | undefined {
  return bundle.link.find((link) => link.relation === 'next')?.url
}
