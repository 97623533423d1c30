import type { HealthImport, HealthSource, NewHealthSource } from '@vigil/contract/api/health-data'
import type { FakeCentral } from './fake-central.ts'
import { uuid } from './people.ts'
import { Refusal, type Route } from './refusal.ts'

/** Phones of the one person who has some, and what they sent. */
export interface FakePhones {
  readonly sources: (HealthSource & { revokedAt?: string; lastAt?: string })[]
  readonly imports: HealthImport[]
}

const now = (c: FakeCentral, agoMs = 0) => new Date(c.clock.now() - agoMs).toISOString()
const HOUR_MS = 3_600_000

/** A phone that sends, one that fell silent, one whose token was ended; and an import with refused rows. */
export function phonesSend(c: FakeCentral): void {
  const made = { createdBy: 'nurse', createdAt: now(c, 240 * HOUR_MS) }
  c.phones.sources.push(
    { ...made, id: uuid(0xb001), label: 'iPhone at home', lastAt: now(c, 2 * HOUR_MS) },
    { ...made, id: uuid(0xb002), label: '', lastAt: now(c, 73 * HOUR_MS) },
    { ...made, id: uuid(0xb003), label: 'Old phone', revokedAt: now(c, 24 * HOUR_MS) },
  )
  const report = { stored: 1_204, changed: 3, unchanged: 88, kept: 1, refused: 2, refusedBy: { implausible: 1, no_time: 1 }, refusals: [{ what: 'heart_rate', why: 'implausible' }, { what: 'step_count', why: 'no_time' }], warnings: { FRACTION_AS_PERCENT: 12 } }
  c.phones.imports.push(
    { at: now(c, 2 * HOUR_MS), door: 'http', source: 'iPhone at home', head: { automation: 'Vigil', aggregation: 'Hours' }, report },
    { at: now(c, 73 * HOUR_MS), door: 'mqtt', source: '', head: {} },
  )
}

export function endPhone(c: FakeCentral, id: string | undefined): HealthSource {
  const source = c.phones.sources.find((one) => one.id === id)
  if (!source) throw new Refusal('NOT_FOUND', 'This patient has no such phone.')
  return Object.assign(source, { revokedAt: now(c) })
}

export const phoneRoutes: readonly Route[] = [
  ['GET', '/patients/*/health-sources', 'patient:read', (c) => ({ sources: c.phones.sources })],
  ['POST', '/patients/*/health-sources', 'patient:write', (c, { body, user }) => {
    const source = { id: uuid(0xb100 + c.phones.sources.length), label: (body as NewHealthSource).label ?? '', createdBy: user, createdAt: now(c) }
    c.phones.sources.unshift(source)
    return { ...source, token: `${'p'.repeat(42)}7` }
  }],
  ['DELETE', '/patients/*/health-sources/*', 'patient:write', (c, { params }) => endPhone(c, params[1])],
  ['GET', '/patients/*/health-imports', 'history:read', (c) => ({ imports: c.phones.imports })],
]
