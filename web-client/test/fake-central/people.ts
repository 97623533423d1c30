import type { Patient } from '@vigil/contract/api/patients'
import type { SessionInfo } from '@vigil/contract/api/people'

/** Random numbers that are the same at every run. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state ^ (state >>> 15), state | 1) + 0x6d2b79f5) >>> 0
    return ((state ^ (state >>> 14)) >>> 0) / 2 ** 32
  }
}

const families = ['Nguyen', 'Okafor', 'Silva', 'Hassan', 'Meyer', 'Kowalski', 'Ibrahim', 'García Márquez', 'Li', 'Novák', 'Murphy', 'Rossi', 'Andersen', 'Petrova', 'Tanaka', 'Dubois', 'Horvat', 'Yılmaz', 'Papadopoulos', 'Virtanen', 'Smith-Featherstonehaugh', 'Jansen', 'Costa', 'Singh', 'Ahmed', '王']
const given = ['Anna', 'Jamal', 'Marta', 'Reza', 'Tom', 'Ewa', 'Leila', 'Juan', 'Wei', 'Petr', 'Aoife', 'Luca', 'Ingrid', 'Olga', 'Kenji', 'Claire']

export const uuid = (n: number): string => `00000000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`

/** The n-th patient, the same at every run. */
export function patientOf(n: number, mode: 'real' | 'demo' = 'real'): Patient {
  const random = seeded(n * 7_919 + 17)
  const female = random() > 0.5
  return {
    id: uuid(0x1000 + n),
    identifier: String(1_297_287_652 + n * 7_654_321).slice(0, 10),
    familyName: families[n % families.length] as string,
    givenName: given[(n * 5) % given.length] as string,
    title: female ? 'Ms' : 'Mr',
    birthDate: `${1932 + Math.floor(random() * 60)}-0${1 + Math.floor(random() * 9)}-1${Math.floor(random() * 9)}`,
    sex: female ? 'female' : 'male',
    mode,
    version: 1,
    createdAt: '2026-07-01T08:00:00.000Z',
  }
}

const care = ['self', 'ward:read', 'patient:read', 'device:read', 'history:read', 'history:export', 'patient:write', 'stay:write', 'command:send', 'config:write', 'alarm:acknowledge', 'alarm:pause', 'limits:write', 'observation:write']

export const accounts: Readonly<Record<string, { password: string; info: SessionInfo }>> = {
  admin: account(1, 'admin', 'Alex Admin', 'admin', [...care, 'alarm:pause-ward', 'alarm:off', 'device:write', 'ward:write', 'user:read', 'user:write', 'audit:read', 'token:write', 'integration:write', 'glass:read', 'demo:remove']),
  nurse: account(2, 'nurse', 'Li Wei', 'nurse', care),
  viewer: account(3, 'viewer', 'Vera Viewer', 'viewer', ['self', 'ward:read', 'patient:read', 'device:read', 'history:read']),
  patient: account(5, 'patient', 'Ewa Kowalski', 'patient', ['self']),
  wall: account(6, 'wall', 'Wall 3 East', 'wall', ['self', 'ward:read']),
  auditor: account(4, 'auditor', 'Aud Itor', 'auditor', ['self', 'audit:read', 'user:read']),
}

function account(n: number, username: string, displayName: string, role: SessionInfo['user']['role'], rights: string[]) {
  const user = { id: uuid(n), username, displayName, role, wards: null, disabled: false, createdAt: '2026-07-01T08:00:00.000Z' }
  return { password: `${username}-secret`, info: { user, rights, expiresAt: '2036-07-01T08:00:00.000Z' } }
}

/** Who did something, as a record names them, and when. */
export function signed(user: string, nowMs: number): { by: string; role: string; at: string } {
  const known = accounts[user]?.info.user
  return { by: known?.displayName ?? user, role: known?.role ?? '', at: new Date(nowMs).toISOString() }
}
