import type { EnrolmentCodeCreated, EnrolmentCodeState } from '@vigil/contract/api/enrolment'
import type { DeviceStatus, LatestValue } from '@vigil/contract/api/schema'

/** What a board must have done, in this order, before a patient can rely on it. */
export type ArrivalKey = 'code' | 'connected' | 'reading' | 'sensors'
export interface ArrivalStep {
  readonly key: ArrivalKey
  readonly done: boolean
}

interface Seen {
  readonly state: EnrolmentCodeState
  readonly status: DeviceStatus | undefined
  readonly values: Readonly<Record<string, LatestValue>>
  /** When the code was made, ms: what was heard before is of the board before. */
  readonly sinceMs: number
}

/** How far a new board has come: redeemed its code, signed in, sent a first reading, and one that is a number. */
export function arrival({ state, status, values, sinceMs }: Seen): ArrivalStep[] {
  const fresh = Object.values(values).filter((value) => value.t >= sinceMs)
  const redeemed = state === 'used'
  return [
    { key: 'code', done: redeemed },
    { key: 'connected', done: redeemed && status === 'online' },
    { key: 'reading', done: redeemed && fresh.length > 0 },
    { key: 'sensors', done: redeemed && fresh.some((value) => value.v !== null) },
  ]
}

/** What the camera reads: the address, the code, and the certificate to expect. */
export function enrolText(server: string, { code, fingerprint }: Pick<EnrolmentCodeCreated, 'code' | 'fingerprint'>): string {
  return JSON.stringify({ url: server, code, ...(fingerprint && { fingerprint }) })
}

/** The same typed at the board. */
export function enrolLine(server: string, { code, fingerprint }: Pick<EnrolmentCodeCreated, 'code' | 'fingerprint'>): string {
  return `npm run agent -- enrol --url ${server} --code ${code}${fingerprint ? ` --fingerprint ${fingerprint}` : ''}`
}
