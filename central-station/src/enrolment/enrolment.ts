import { AppError, type Clock, type Enrolment, ENROLMENT_CODE_LIFE_MS, type EnrolmentCode, type EnrolmentCodeCreated, type EnrolmentCodeList, type EnrolmentCodeState, type EnrolmentRequest, type NewEnrolmentCode } from '@vigil/contract'
import { attemptsPerMinute } from '../attempts.ts'
import type { Actor, Audit, Subject } from '../audit/audit.ts'
import { assertDeviceName, makeDeviceSecret } from '../devices/device-secret.ts'
import { uuidv7 } from '../ids.ts'
import { field, iso, isoField } from '../iso.ts'
import type { Registry } from '../registry/registry.ts'
import type { Mode } from '../registry/world.ts'
import type { BoardAddress } from './board-address.ts'
import { macOfCode, newCode } from './code.ts'

export interface EnrolmentFact {
  readonly id: string
  readonly deviceId: string
  readonly site: string
  readonly label: string
  readonly mode: Mode
  readonly madeBy: string
  readonly createdAtMs: number
  readonly expiresAtMs: number
  readonly usedAtMs: number | null
  readonly usedFrom: string | null
  readonly cancelledAtMs: number | null
}

export interface Redeemed {
  readonly codeId: string
  readonly madeBy: string
  readonly device: { readonly id: string; readonly site: string; readonly mode: Mode }
}

/** Port: one-time codes. */
export interface EnrolmentStore {
  /** Earlier codes of the same device are cancelled. */
  add(fact: Omit<EnrolmentFact, 'usedAtMs' | 'usedFrom' | 'cancelledAtMs'>, codeMac: Buffer): Promise<void>
  list(): Promise<EnrolmentFact[]>
  /** Leaves a used one as it is; `undefined` when there is none. */
  cancel(id: string, atMs: number): Promise<EnrolmentFact | undefined>
  /** Uses the code up and registers the device with its secret, both or neither; `undefined` when no such code waits. @throws AppError ALREADY_EXISTS */
  redeem(use: { readonly codeMac: Buffer; readonly secretMac: Buffer; readonly atMs: number; readonly from: string }): Promise<Redeemed | undefined>
}

export interface EnrolmentService {
  /** @throws AppError INVALID_REQUEST, ALREADY_EXISTS */
  makeCode(asked: NewEnrolmentCode, by: string): Promise<EnrolmentCodeCreated>
  list(): Promise<EnrolmentCodeList>
  /** @throws AppError NOT_FOUND */
  cancel(id: string): Promise<EnrolmentCode>
  /** @throws AppError ENROLMENT_REFUSED, TOO_MANY_REQUESTS, ALREADY_EXISTS */
  redeem(request: EnrolmentRequest, from: Pick<Actor, 'origin' | 'requestId'>, host: string): Promise<Enrolment>
}

/** From one address, right or wrong. A board needs one; somebody who guesses gets a hundred in the life of a code, of 10^15. */
export const REDEEM_PER_MINUTE = 10
const DEFAULT_SITE = 'main'

export interface EnrolmentOptions {
  readonly store: EnrolmentStore
  readonly registry: Registry
  readonly audit: Audit
  readonly boards: BoardAddress
  readonly pepper: Buffer
  readonly clock: Clock
}

export function createEnrolment({ store, registry, audit, boards, pepper, clock }: EnrolmentOptions): EnrolmentService {
  const attempts = attemptsPerMinute(clock, REDEEM_PER_MINUTE)

  return {
    async makeCode({ deviceId, site, label, mode }, by) {
      assertDeviceName(deviceId, 'deviceId')
      const known = registry.now().devices.get(deviceId)
      if (known && known.retiredAtMs !== null) throw new AppError('ALREADY_EXISTS', `Device ${deviceId} was taken out of service and keeps its name, because its history does. Choose another name.`)
      if (known && site !== undefined && site !== known.site) throw new AppError('INVALID_REQUEST', `Device ${deviceId} belongs to site ${known.site}. A device never changes its site.`, { details: { field: 'site' } })
      const createdAtMs = clock.now()
      const code = newCode()
      // Of a device that is known, only the secret is made anew.
      const about = known ?? { site: site ?? DEFAULT_SITE, label: label ?? '', mode: mode ?? 'real' }
      const fact = { id: uuidv7(createdAtMs), deviceId, site: about.site, label: about.label, mode: about.mode, madeBy: by, createdAtMs, expiresAtMs: createdAtMs + ENROLMENT_CODE_LIFE_MS }
      await store.add(fact, macOfCode(pepper, code))
      return { ...toCode({ ...fact, usedAtMs: null, usedFrom: null, cancelledAtMs: null }, createdAtMs), code, ...field('fingerprint', boards.fingerprint) }
    },
    list: async () => ({ codes: (await store.list()).map((fact) => toCode(fact, clock.now())) }),
    async cancel(id) {
      const fact = await store.cancel(id, clock.now())
      if (!fact) throw new AppError('NOT_FOUND', `There is no enrolment code ${id}.`)
      return toCode(fact, clock.now())
    },
    async redeem({ code, hardware, firmware }, from, host) {
      const waitMs = attempts.count(from.origin)
      if (waitMs > 0) throw tooMany(waitMs)
      const { secret, mac: secretMac } = makeDeviceSecret(pepper)
      const actor: Actor = { accountId: null, username: '(device)', role: '', ...from }
      let redeemed: Redeemed | undefined
      const subject = (): Subject => {
        const { codeId, madeBy, device } = redeemed ?? {}
        return { ...field('deviceId', device?.id), detail: { ...field('codeId', codeId), ...field('madeBy', madeBy), ...field('site', device?.site), ...field('hardware', hardware), ...field('firmware', firmware) } }
      }
      const { device } = await audit.doing([{ actor, action: 'device.enrol', subject }], async () => {
        redeemed = await store.redeem({ codeMac: macOfCode(pepper, code), secretMac, atMs: clock.now(), from: from.origin })
        if (redeemed) return redeemed
        // What was typed may be another secret in the wrong place: it is not written down.
        await audit.record(actor, 'device.enrol_refused', {})
        throw new AppError('ENROLMENT_REFUSED', 'This code is wrong, was used already, or is older than 10 minutes. Make a new one in the app.')
      })
      await registry.refresh()
      return { ...device, secret, ...boards.at(host), serverTimeMs: clock.now() }
    },
  }
}

function tooMany(retryAfterMs: number): AppError {
  const seconds = Math.ceil(retryAfterMs / 1_000)
  return new AppError('TOO_MANY_REQUESTS', `Too many codes were tried from this address. Try again in ${seconds} s.`, { details: { retryAfterMs: seconds * 1_000 } })
}

function toCode(fact: EnrolmentFact, nowMs: number): EnrolmentCode {
  return {
    id: fact.id,
    deviceId: fact.deviceId,
    site: fact.site,
    label: fact.label,
    mode: fact.mode,
    state: stateOf(fact, nowMs),
    madeBy: fact.madeBy,
    createdAt: iso(fact.createdAtMs),
    expiresAt: iso(fact.expiresAtMs),
    ...isoField('usedAt', fact.usedAtMs),
    ...field('usedFrom', fact.usedFrom),
  }
}

function stateOf({ usedAtMs, cancelledAtMs, expiresAtMs }: EnrolmentFact, nowMs: number): EnrolmentCodeState {
  if (usedAtMs !== null) return 'used'
  if (cancelledAtMs !== null) return 'cancelled'
  return nowMs >= expiresAtMs ? 'expired' : 'waiting'
}
