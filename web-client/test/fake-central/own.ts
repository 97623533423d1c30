import type { LookList } from '@vigil/contract/api/looks'
import type { OwnCare } from '@vigil/contract/api/own'
import type { FakeCentral } from './fake-central.ts'
import { historyOf } from './history.ts'
import { uuid } from './people.ts'
import { endPhone } from './phones.ts'
import type { Route } from './refusal.ts'
import { bedOf } from './ward.ts'

/** Whose account `patient` is: the patient of bed 06. */
const OWN_STAY = uuid(0x2005)
const OWN_DEVICE = 47 - 42

function care(c: FakeCentral): OwnCare {
  const bed = c.world.wards.flatMap(({ beds }) => beds).find(({ stay }) => stay?.id === OWN_STAY)
  const stay = c.world.stays.get(OWN_STAY)
  if (!bed || !stay) throw new TypeError('bed 06 has its patient')
  const { alarms: _alarms, limitNotes: _notes, ...plain } = bedOf(c, bed)
  return { patient: stay.patient, stayId: stay.id, admittedAt: stay.admittedAt, bed: plain, calling: false, serverTimeMs: c.clock.now() }
}

function looks(c: FakeCentral): LookList {
  const at = (hours: number) => new Date(c.clock.now() - hours * 3_600_000).toISOString()
  return {
    from: at(720), to: at(0), more: false,
    looks: [
      { username: 'roy', name: 'Dr Roy', role: 'clinician', from: at(30), to: at(29), times: 3, actions: ['patient.read', 'history.read'], emergency: true, reason: 'cardiac arrest, nobody there' },
      { username: 'nurse', name: 'Li Wei', role: 'nurse', from: at(2), to: at(1), times: 9, actions: ['patient.read', 'limits.change', 'history.read', 'device.watch'], emergency: false },
    ],
  }
}

/** A patient's own account, and who looked at whose data. */
export const ownRoutes: readonly Route[] = [
  ['GET', '/me/care', 'self', care],
  ['GET', '/me/history', 'self', (c, { url }) => historyOf(OWN_DEVICE, url, c.clock.now(), 'ST-0047')],
  ['GET', '/me/looks', 'self', looks],
  ['GET', '/me/phones', 'self', (c) => ({ sources: c.phones.sources })],
  ['DELETE', '/me/phones/*', 'self', (c, { params }) => endPhone(c, params[0])],
  ['GET', '/patients/*/looks', 'patient:read', looks],
  ['GET', '/alarms/*/takers', 'alarm:acknowledge', () => ({ takers: [{ username: 'roy', displayName: 'Dr Roy', role: 'clinician' }] })],
]
