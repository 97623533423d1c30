import type { CommandRecord, Device, DeviceConfig } from '@vigil/contract/api/devices'
import type { LimitNote } from '@vigil/contract/api/alarms'
import type { Limits } from '@vigil/contract/api/alarm-limits'
import type { Bed, Patient, Stay, Ward } from '@vigil/contract/api/patients'
import type { LatestValue } from '@vigil/contract/api/schema'
import type { FakeCentral } from './fake-central.ts'
import { patientOf, seeded, uuid } from './people.ts'

export type Mode = 'real' | 'demo'

/** One registered device and what it said last. */
export interface FakeDevice {
  readonly device: Device
  config: DeviceConfig
  commands: CommandRecord[]
  latest: Record<string, LatestValue>
  /** Sends nothing any more, as a board that lost power. */
  silent: boolean
}

export interface FakeWard {
  readonly id: string
  name: string
  readonly mode: Mode
  soundFloor?: number
  readonly beds: { id: string; label: string; stay: Stay | undefined }[]
}

export interface FakeWorld {
  readonly wards: FakeWard[]
  readonly patients: Patient[]
  readonly stays: Map<string, Stay>
  readonly devices: Map<string, FakeDevice>
}

const iso = (ms: number): string => new Date(ms).toISOString()
const signals = ['pr', 'spo2', 'pi', 'rr', 'tskin', 'paw', 'pip', 'peep', 'batt']

const commands = [
  { name: 'identify', risk: 'low' as const, args: { type: 'object', properties: { seconds: { type: 'integer', title: 'Seconds', minimum: 1, maximum: 60, default: 10 } }, additionalProperties: false } },
  { name: 'measure_now', risk: 'low' as const, args: { type: 'object', additionalProperties: false } },
  { name: 'display', risk: 'low' as const, args: { type: 'object', properties: { text: { type: 'string', title: 'Text', maxLength: 32 } }, required: ['text'], additionalProperties: false } },
  { name: 'restart', risk: 'high' as const, args: { type: 'object', additionalProperties: false } },
]

export function deviceOf(id: string, nowMs: number, mode: Mode): FakeDevice {
  const device: Device = {
    id, site: 'main', label: '', mode, note: '', status: 'online', lastSeen: iso(nowMs), createdAt: iso(nowMs - 40 * 86_400_000), credentials: { since: iso(nowMs - 40 * 86_400_000) },
    firmware: '1.4.0', hardware: 'rpi-zero2', epoch: '7f3a91c2', unsent: 0, dropped: 0, intervalMs: 1_000, notices: [],
    capabilities: {
      receipts: true, commands, signals, waves: ['pleth_ir', 'paw'],
      config: { interval_ms: { type: 'integer', minimum: 200, maximum: 60_000 } },
      sensors: [{ model: 'max30102', address: 0x57, place: 'finger' }, { model: 'tmp117', address: 0x48, place: 'skin' }, { model: 'bmp280', address: 0x76, place: 'mask' }, { model: 'bmp280', address: 0x77, place: 'room' }],
      note: 'Emulated sensors fed by recordings',
    },
  }
  const config: DeviceConfig = {
    desired: { version: 4, set: { interval_ms: 1_000 }, at: iso(nowMs - 3_600_000), by: 'Li Wei' },
    reported: { version: 4, set: { interval_ms: 1_000 }, errors: {}, at: iso(nowMs - 3_599_000) },
  }
  return { device, config, commands: [], latest: {}, silent: false }
}

/** A ward of `count` beds; `empty` beds have no patient, `alone` ones no device. */
export function worldOf({ nowMs, count, mode, empty = [2], alone = [10] }: { nowMs: number; count: number; mode: Mode; empty?: readonly number[]; alone?: readonly number[] }): FakeWorld {
  const patients = Array.from({ length: count + 3 }, (_, i) => patientOf(i, mode))
  const devices = new Map<string, FakeDevice>()
  const stays = new Map<string, Stay>()
  const beds = Array.from({ length: count }, (_, i) => {
    const label = String(i + 1).padStart(2, '0')
    const bed = { id: `bed-${label}`, label, stay: undefined as Stay | undefined }
    const deviceId = `ST-${String(42 + i).padStart(4, '0')}`
    const fake = deviceOf(deviceId, nowMs, mode)
    devices.set(deviceId, fake)
    if (empty.includes(i + 1)) return bed
    const { id, familyName, givenName = '', title = '', birthDate, sex, identifier } = patients[i] as Patient
    const linked = !alone.includes(i + 1)
    const stay: Stay = {
      id: uuid(0x2000 + i), bedId: bed.id, wardId: 'ward-3', reason: i === 5 ? 'COPD, deteriorating' : '', admittedAt: iso(nowMs - 8 * 86_400_000), version: 1,
      patient: { id, familyName, givenName, title, mode, ...(birthDate && { birthDate }), ...(sex && { sex }), ...(identifier && { identifier }) },
      ...(linked && { deviceId }),
      monitoring: linked ? [{ id: uuid(0x3000 + i), deviceId, from: iso(nowMs - 8 * 86_400_000) }] : [],
    }
    if (linked) fake.device.stay = { id: stay.id, bedId: bed.id, wardId: 'ward-3' }
    stays.set(stay.id, stay)
    bed.stay = stay
    return bed
  })
  return { wards: [{ id: 'ward-3', name: 'Ward 3 East', mode, beds }], patients, stays, devices }
}

/** The bed as the API gives it. */
export function bedOf({ world, alarms }: Pick<FakeCentral, 'world' | 'alarms'>, { id, label, stay }: FakeWard['beds'][number]): Bed {
  const fake = stay?.deviceId === undefined ? undefined : world.devices.get(stay.deviceId)
  if (!stay) return { id, label, latest: {}, freshness: {} }
  const { device } = fake ?? {}
  return {
    id, label,
    stay: { id: stay.id, admittedAt: stay.admittedAt, reason: stay.reason, patient: stay.patient },
    ...(device && { device: { id: device.id, label: device.label, mode: device.mode, status: device.status, intervalMs: device.intervalMs, ...(device.lastSeen && { lastSeen: device.lastSeen }) } }),
    latest: { ...fake?.latest },
    ...typedOf(alarms, stay),
    ...alarmsOf(alarms, id, stay.id),
    freshness: Object.fromEntries((device?.capabilities?.signals ?? []).map((s) => [s, fake?.latest[s] ? 'live' : 'never'])),
  }
}

/** Newest blood pressure typed in since the admission. */
function typedOf({ observations }: FakeCentral['alarms'], stay: Stay): Pick<Bed, 'typedPressure'> {
  const newest = observations.filter((o) => o.stayId === stay.id && o.values['sys'] !== undefined && o.at >= stay.admittedAt).toSorted((a, b) => b.at.localeCompare(a.at))[0]
  if (!newest) return {}
  const { sys, dia } = newest.values as { sys: number; dia?: number }
  return { typedPressure: { sys, ...(dia !== undefined && { dia }), t: Date.parse(newest.at) } }
}

function alarmsOf(alarms: FakeCentral['alarms'], bed: string, stay: string): Pick<Bed, 'alarms' | 'audio' | 'monitoring' | 'news2' | 'limitNotes'> {
  const [audio, monitoring, news2] = [alarms.audio.get(stay), alarms.monitoring.get(stay), alarms.news2.get(stay)]
  return { alarms: alarms.ofBed(bed), ...(audio && { audio }), ...(monitoring && { monitoring }), ...(news2 && { news2 }), limitNotes: notesOf(alarms.limits.get(stay)) }
}

/** In words what is off or changed, as the central station says it with each bed. */
function notesOf(limits: Limits | undefined): LimitNote[] {
  const off = (limits?.off ?? []).map((o): LimitNote => ({ ...o, what: 'alarm off' }))
  const changed = (limits?.limits ?? []).flatMap((row): LimitNote[] => (row.changed ? [{ condition: row.condition, ...row.changed, ...(row.inForce ? { what: 'changed', value: row.inForce.value } : { what: 'not watched' }), ...(row.profile && { profileValue: row.profile.value }) }] : []))
  return [...off, ...changed]
}

export function wardOf(central: FakeCentral, ward: FakeWard): Ward {
  return { id: ward.id, name: ward.name, site: 'main', mode: ward.mode, ...(ward.soundFloor !== undefined && { soundFloor: ward.soundFloor }), beds: ward.beds.map((bed) => bedOf(central, bed)), alarms: central.alarms.ofHouse(), alarmWatch: central.alarms.watch(), serverTimeMs: central.clock.now() }
}

/** What a device of this number would measure at a moment: smooth, plausible, the same at every run. */
export function measured(n: number, tMs: number): Record<string, number> {
  const random = seeded(n * 31 + 5)
  const base = { pr: 62 + random() * 45, spo2: 93 + random() * 6, rr: 12 + random() * 10, t: 36.2 + random() * 1.6, peep: 4 + random() * 4 }
  const wave = (periodMs: number, phase: number) => Math.sin((2 * Math.PI * tMs) / periodMs + phase + n)
  const swing = wave(1_700_000, 1) + 0.5 * wave(311_000, 2) + 0.3 * wave(47_000, 3)
  return {
    pr: Math.round(base.pr + 6 * swing), spo2: Math.min(100, Math.round(base.spo2 - 1.5 * wave(2_300_000, 0) - 0.8 * wave(191_000, 1))), pi: 1.8 + 0.6 * wave(83_000, 1),
    rr: Math.round(base.rr + 2 * wave(900_000, 2) + wave(61_000, 1)), tskin: base.t + 0.2 * wave(7_200_000, 1), paw: 9.6 + 4 * wave(4_000, 0),
    pip: base.peep + 9 + wave(137_000, 0), peep: base.peep + 0.3 * wave(171_000, 1), batt: 61,
  }
}
