import { healthData } from './health-data.ts'
import type { CommandRecord, NewCommand } from '@vigil/contract/api/devices'
import type { AnnotationCorrection, NewAnnotation, NewSavedQuery } from '@vigil/contract/api/annotations'
import type { DemoRun, DemoStart } from '@vigil/contract/api/demo'
import type { NewPatient, NewStay, Patient, Stay } from '@vigil/contract/api/patients'
import { accessRoutes } from './access.ts'
import { alarmRoutes } from './alarms.ts'
import type { FakeCentral } from './fake-central.ts'
import { exportRoutes } from './exports.ts'
import { historyOf } from './history.ts'
import { accounts, uuid } from './people.ts'
import { ownRoutes } from './own.ts'
import { codeRoutes } from './own-codes.ts'
import { firmwareRoutes } from './firmware.ts'
import { phoneRoutes } from './phones.ts'
import { profileRoutes } from './profiles.ts'
import { rolloutRoutes } from './rollouts.ts'
import { trendOf } from './trend.ts'
import { proposalRoutes } from './proposals.ts'
import { keptWaves } from './waves-kept.ts'
import { Refusal, type Asked, type Route } from './refusal.ts'
import { deviceOf, wardOf } from './ward.ts'
import { wardLayoutRoutes } from './ward-layout.ts'

const must = <T>(found: T | undefined): T => {
  if (found === undefined) throw new Refusal('NOT_FOUND', 'There is no such thing')
  return found
}
const stayOf = (central: FakeCentral, id: string | undefined): Stay => must(central.world.stays.get(id ?? ''))
const fakeOf = (central: FakeCentral, id: string | undefined) => must(central.world.devices.get(id ?? ''))
const numberOf = (central: FakeCentral, device: string) => [...central.world.devices.keys()].indexOf(device)
const placeOf = (central: FakeCentral, bedId: string) => must(central.world.wards.flatMap((w) => w.beds.map((bed) => ({ ward: w, bed }))).find(({ bed }) => bed.id === bedId))

function setSoundFloor(c: FakeCentral, { params, body }: Asked): unknown {
  const ward = must(c.world.wards.find(({ id }) => id === params[0]))
  ward.soundFloor = (body as { percent: number }).percent
  c.tell({ type: 'ward', ward: wardOf(c, ward) })
  return body
}

export const routes: readonly Route[] = [
  ...ownRoutes,
  ...firmwareRoutes,
  ...phoneRoutes,
  ...profileRoutes,
  ...wardLayoutRoutes,
  ['GET', '/me', 'self', (_c, { user }) => accounts[user]?.info],
  ['GET', '/wards', 'ward:read', (c) => ({ wards: c.world.wards.map((w) => wardOf(c, w)) })],
  ['PUT', '/wards/*/sound-floor', 'alarm:pause-ward', setSoundFloor],
  ['GET', '/wards/*/trend', 'ward:read', (c, { params }) => trendOf(c, params[0] ?? '')],
  ['GET', '/patients', 'patient:read', (c, { url }) => ({ patients: c.world.patients.filter((p) => (url.searchParams.get('q') ?? '').toLowerCase().split(/[\s,]+/).every((word) => `${p.familyName} ${p.givenName} ${p.identifier}`.toLowerCase().includes(word))) })],
  ['POST', '/patients', 'patient:write', addPatient],
  ['GET', '/patients/*/health', 'history:read', () => healthData],
  ['GET', '/patients/*', 'patient:read', (c, { params }) => must(c.world.patients.find((p) => p.id === params[0]))],
  ['POST', '/stays', 'stay:write', admit],
  ['GET', '/stays/*', 'patient:read', (c, { params }) => stayOf(c, params[0])],
  ['PATCH', '/stays/*', 'stay:write', link],
  ['POST', '/stays/*/discharge', 'stay:write', discharge],
  ['POST', '/stays/*/transfer', 'stay:write', transfer],
  ['POST', '/stays/*/reopen', 'stay:write', reopen],
  ['GET', '/stays/*/history', 'history:read', (c, { params, url }) => historyOf(numberOf(c, stayOf(c, params[0]).deviceId ?? ''), url, c.clock.now(), stayOf(c, params[0]).deviceId ?? '')],
  ['GET', '/stays/*/waveforms', 'history:read', (c, { params, url }) => keptWaves(url, c.clock.now(), url.searchParams.get('channel') === 'paw' ? 16 : 72, stayOf(c, params[0]).deviceId ?? '')],
  ['GET', '/devices', 'device:read', (c) => ({ devices: [...c.world.devices.values()].map((f) => f.device) })],
  ['POST', '/devices', 'device:write', addDevice],
  ['GET', '/devices/*', 'device:read', (c, { params }) => fakeOf(c, params[0]).device],
  ['GET', '/devices/*/ledger', 'device:read', (c, { params }) => ({ epochs: [{ epoch: '7f3a91c2', upto: 17_280, received: 17_280 - (params[0] === 'ST-0046' ? 12 : 0), missing: params[0] === 'ST-0046' ? 12 : 0, lost: 0, duplicates: 0, ranges: params[0] === 'ST-0046' ? [[1, 9_000], [9_013, 17_280]] : [[1, 17_280]], firstAt: new Date(c.clock.now() - 17_280_000).toISOString(), lastAt: new Date(c.clock.now()).toISOString() }] })],
  ['GET', '/devices/*/completeness', 'device:read', (c) => ({ zone: 'UTC', days: c.days })],
  ['GET', '/devices/*/history', 'history:read', (c, { params, url }) => historyOf(numberOf(c, params[0] ?? ''), url, c.clock.now(), params[0] ?? '')],
  ['GET', '/devices/*/commands', 'device:read', (c, { params }) => ({ commands: fakeOf(c, params[0]).commands })],
  ['POST', '/devices/*/commands', 'command:send', command],
  ['POST', '/devices/*/commands/*/cancel', 'command:send', cancel],
  ['GET', '/devices/*/config', 'device:read', (c, { params }) => fakeOf(c, params[0]).config],
  ['PUT', '/devices/*/config', 'config:write', configure],
  ['GET', '/stays/*/annotations', 'history:read', (c, { params, url }) => ({ annotations: c.notes.list(params[0] ?? '', url) })],
  ['POST', '/stays/*/annotations', 'observation:write', (c, { params, body, user }) => c.notes.add(params[0] ?? '', body as NewAnnotation, user)],
  ['POST', '/stays/*/annotations/*/correction', 'observation:write', (c, { params, body, user }) => c.notes.correct(params[1] ?? '', body as AnnotationCorrection, user)],
  ['GET', '/saved-queries', 'history:read', (c) => ({ queries: c.notes.queries })],
  ['POST', '/saved-queries', 'history:read', (c, { body }) => c.notes.keep(body as NewSavedQuery)],
  ['DELETE', '/saved-queries/*', 'history:read', (c, { params }) => c.notes.forget(params[0] ?? '')],
  ['GET', '/demo', 'ward:read', (c) => ({ boards: c.demo.boards, runs: c.demo.runs })],
  ['POST', '/demo/scenarios', 'command:send', playScenario],
  ['GET', '/demo/contents', 'demo:remove', (c) => c.demo.contents],
  ['POST', '/demo/removal', 'demo:remove', removeDemo],
  ...alarmRoutes,
  ...accessRoutes,
  ...proposalRoutes,
  ...exportRoutes,
  ...codeRoutes,
  ...rolloutRoutes,
]

function removeDemo(c: FakeCentral) {
  if (c.demo.removalTakesLong) return (c.demo.contents = { ...c.demo.contents, removal: { state: 'running', since: new Date(c.clock.now()).toISOString(), by: 'admin' } })
  const removed = c.demo.contents
  c.demo.contents = { patients: 0, devices: 0, wards: 0, kept: 0 }
  c.world.wards.length = 0
  return removed
}

function playScenario(c: FakeCentral, { body, user }: Asked): DemoRun {
  const { scenario, deviceId } = body as DemoStart
  const board = must(c.demo.boards.find((b) => (deviceId === undefined || b.deviceId === deviceId) && b.scenarios.includes(scenario)))
  const run: DemoRun = { id: uuid(0x7000 + c.demo.runs.length), scenario, deviceId: board.deviceId, by: user, state: 'sent', from: new Date(c.clock.now()).toISOString(), until: new Date(c.clock.now() + 90_000).toISOString() }
  c.demo.runs.unshift(run)
  return run
}

function addPatient(c: FakeCentral, { body }: Asked): Patient {
  const patient: Patient = { ...(body as NewPatient), id: uuid(0x5000 + c.world.patients.length), version: 1, createdAt: new Date(c.clock.now()).toISOString() }
  c.world.patients.push(patient)
  return patient
}

function admit(c: FakeCentral, { body }: Asked): Stay {
  const { patientId, bedId, deviceId, reason = '' } = body as NewStay
  const { ward, bed } = placeOf(c, bedId)
  if (bed.stay) throw new Refusal('BED_OCCUPIED', `Bed ${bed.label} is taken`)
  const patient = must(c.world.patients.find((p) => p.id === patientId))
  const stay: Stay = {
    id: uuid(0x6000 + c.world.stays.size), bedId, wardId: ward.id, reason, admittedAt: new Date(c.clock.now()).toISOString(), version: 1, monitoring: [],
    patient: { id: patient.id, familyName: patient.familyName, givenName: patient.givenName ?? '', title: patient.title ?? '', mode: patient.mode ?? 'real', ...(patient.sex && { sex: patient.sex }) },
    ...(deviceId && { deviceId }),
  }
  c.world.stays.set(stay.id, stay)
  bed.stay = stay
  c.tellBed(bed.id)
  return stay
}

function link(c: FakeCentral, { params, body }: Asked): Stay {
  const stay = stayOf(c, params[0])
  const { deviceId } = body as { deviceId?: string | null }
  const taken = deviceId ? [...c.world.stays.values()].find((s) => s.deviceId === deviceId && s.id !== stay.id) : undefined
  if (taken) throw new Refusal('DEVICE_IN_USE', `${deviceId} is linked to bed ${taken.bedId}`)
  if (deviceId) stay.deviceId = deviceId
  else delete stay.deviceId
  c.tellBed(stay.bedId ?? '')
  return stay
}

function discharge(c: FakeCentral, { params }: Asked): Stay {
  const stay = stayOf(c, params[0])
  stay.dischargedAt = new Date(c.clock.now()).toISOString()
  const { bed } = placeOf(c, stay.bedId ?? '')
  bed.stay = undefined
  c.tellBed(bed.id)
  return stay
}

function transfer(c: FakeCentral, { params, body }: Asked): Stay {
  const stay = stayOf(c, params[0])
  const { bedId, swap } = body as { bedId: string; swap?: boolean }
  const [from, to] = [placeOf(c, stay.bedId ?? '').bed, placeOf(c, bedId).bed]
  if (to.stay && !swap) throw new Refusal('BED_OCCUPIED', `Bed ${to.label} is taken`)
  from.stay = to.stay
  if (from.stay) from.stay.bedId = from.id
  to.stay = stay
  stay.bedId = to.id
  c.tellBed(from.id)
  c.tellBed(to.id)
  return stay
}

function reopen(c: FakeCentral, { params }: Asked): Stay {
  const stay = stayOf(c, params[0])
  const { bed } = placeOf(c, stay.bedId ?? '')
  if (bed.stay) throw new Refusal('BED_OCCUPIED', `Bed ${bed.label} is taken`)
  delete stay.dischargedAt
  bed.stay = stay
  c.tellBed(bed.id)
  return stay
}

function addDevice(c: FakeCentral, { body }: Asked) {
  const { id, site = 'main' } = body as { id: string; site?: string }
  if (c.world.devices.has(id)) throw new Refusal('ALREADY_EXISTS', `There is a device ${id} already`)
  const fake = deviceOf(id, c.clock.now(), 'real')
  fake.device.status = 'never'
  fake.device.lastSeen = null
  c.world.devices.set(id, fake)
  return { id, site, secret: 'c2VjcmV0LW9mLXRoZS1uZXctZGV2aWNl' }
}

function command(c: FakeCentral, { params, body, user }: Asked) {
  const fake = fakeOf(c, params[0])
  const { do: name, args = {}, reason = '', expiresInMs = 60_000 } = body as NewCommand
  const now = new Date(c.clock.now()).toISOString()
  const record: CommandRecord = {
    id: uuid(0x9000 + fake.commands.length + numberOf(c, fake.device.id) * 256), deviceId: fake.device.id, do: name, args, reason, state: 'queued',
    askedBy: accounts[user]?.info.user.displayName ?? user, createdAt: now, updatedAt: now, expiresAt: new Date(c.clock.now() + expiresInMs).toISOString(), steps: [{ at: now, state: 'queued' }],
  }
  fake.commands.unshift(record)
  c.tellCommand(record)
  return { id: record.id, state: record.state }
}

function cancel(c: FakeCentral, { params }: Asked): CommandRecord {
  const record = must(fakeOf(c, params[0]).commands.find((known) => known.id === params[1]))
  if (record.state !== 'queued') throw new Refusal('COMMAND_UNDER_WAY', `The command can no longer be taken back: it is ${record.state}.`)
  Object.assign(record, { state: 'cancelled', updatedAt: new Date(c.clock.now()).toISOString() })
  c.tellCommand(record)
  return record
}

function configure(c: FakeCentral, { params, body, user }: Asked) {
  const fake = fakeOf(c, params[0])
  const { version, set } = body as { version: number; set: Record<string, unknown> }
  if (version !== fake.config.desired.version) throw new Refusal('VERSION_CONFLICT', `Version ${fake.config.desired.version} is in force`)
  fake.config = { ...fake.config, desired: { version: version + 1, set, at: new Date(c.clock.now()).toISOString(), by: accounts[user]?.info.user.displayName ?? user } }
  return fake.config
}

