import { randomBytes } from 'node:crypto'
import { AppError, type Clock, type NewOutboundTarget, type OutboundDelivery, type OutboundDeliveryList, type OutboundDeliveryQuery, type OutboundTarget, type OutboundTargetChange, type OutboundTargetCreated, type OutboundTargetList } from '@vigil/contract'
import { writeObservations } from '@vigil/contract/hl7/index'
import { uuidv7 } from '../ids.ts'
import { field, iso, isoField } from '../iso.ts'
import type { Caller } from '../people/caller.ts'
import type { AddressGuard } from './address-guard.ts'
import { CONTROL_ID, identityOf } from './hl7-message.ts'
import type { Channel, OutboundStore, Target } from './outbound.ts'
import type { Seal } from '@vigil/program'

export interface TargetCounts {
  readonly targetId: string
  readonly waiting: number
  readonly delivered: number
  readonly dead: number
  readonly oldestMs: number | null
}

export interface WrittenDelivery {
  readonly no: number
  readonly targetId: string
  readonly event: string
  readonly subject: string
  readonly state: OutboundDelivery['state']
  readonly tries: number
  readonly createdAtMs: number
  readonly nextAtMs: number
  readonly endedAtMs: number | null
  readonly why: string | null
  readonly status: string | null
  readonly statusAtMs: number | null
}

/** Port: targets as people see them. */
export interface TargetStore {
  find(id: string): Promise<Target | undefined>
  counts(): Promise<TargetCounts[]>
  /** False when the name is taken. */
  add(target: Omit<Target, 'enabled' | 'awaySinceMs' | 'awayTries' | 'nextAtMs' | 'why'>): Promise<boolean>
  change(target: Pick<Target, 'id' | 'settings' | 'events' | 'wards' | 'enabled'>): Promise<void>
  remove(id: string): Promise<boolean>
  deliveries(targetId: string, query: OutboundDeliveryQuery): Promise<WrittenDelivery[]>
  /** A delivery that was given up waits again; `undefined` when there is no such dead one. */
  again(no: number, nowMs: number): Promise<WrittenDelivery | undefined>
}

export interface Targets {
  list(): Promise<OutboundTargetList>
  /** @throws AppError ALREADY_EXISTS, OUTBOUND_ADDRESS, FORBIDDEN */
  add(asked: NewOutboundTarget, by: Caller): Promise<OutboundTargetCreated>
  /** @throws AppError NOT_FOUND, OUTBOUND_ADDRESS, FORBIDDEN */
  change(id: string, change: OutboundTargetChange, by: Caller): Promise<OutboundTarget>
  /** @throws AppError NOT_FOUND */
  remove(id: string): Promise<void>
  /** Puts something harmless into its line. @throws AppError NOT_FOUND */
  test(id: string): Promise<OutboundTarget>
  /** @throws AppError NOT_FOUND */
  deliveries(id: string, query: OutboundDeliveryQuery): Promise<OutboundDeliveryList>
  /** @throws AppError NOT_FOUND */
  again(no: number): Promise<OutboundDelivery>
}

export interface TargetsOptions {
  readonly store: TargetStore
  readonly line: OutboundStore
  readonly guard: AddressGuard
  readonly seal: Seal
  readonly channels: Readonly<Record<string, Channel>>
  readonly clock: Clock
  readonly hint: () => void
}

export function createTargets({ store, line, guard, seal, channels, clock, hint }: TargetsOptions): Targets {
  const find = async (id: string): Promise<Target> => {
    const target = await store.find(id)
    if (!target) throw new AppError('NOT_FOUND', `There is no target ${id}.`)
    return target
  }
  const viewOf = async (id: string): Promise<OutboundTarget> => {
    const counts = (await store.counts()).find(({ targetId }) => targetId === id)
    return toView(await find(id), counts)
  }
  /** Said at once instead of in a line of failures. */
  const assertReachable = async (settings: Target['settings']): Promise<void> => {
    if (typeof settings['url'] === 'string') await guard.resolve(hostOf(settings['url']))
    if (typeof settings['host'] === 'string') await guard.resolve(settings['host'])
  }

  return {
    async list() {
      const counts = new Map((await store.counts()).map((one) => [one.targetId, one]))
      return { targets: (await line.targets()).map((target) => toView(target, counts.get(target.id))) }
    },
    async add(asked, by) {
      const { target, secret } = newTarget(asked, by, seal, clock.now())
      await assertReachable(target.settings)
      if (!(await store.add(target))) throw new AppError('ALREADY_EXISTS', `There is a target called ${target.name} already. Choose another name.`)
      return { ...(await viewOf(target.id)), ...field('secret', secret) }
    },
    async change(id, change, by) {
      const before = await find(id)
      const after = changed(before, change)
      assertWards(after.wards, by)
      await assertReachable(after.settings)
      await store.change(after)
      channels[before.kind]?.forget?.(id)
      hint()
      return viewOf(id)
    },
    async remove(id) {
      const { kind } = await find(id)
      await store.remove(id)
      channels[kind]?.forget?.(id)
    },
    async test(id) {
      const target = await find(id)
      const key = `test/${uuidv7(clock.now())}`
      await line.put([{ targetId: id, key, event: 'test', subject: '', body: testBody(target, key, clock.now()) }], clock.now())
      hint()
      return viewOf(id)
    },
    async deliveries(id, query) {
      await find(id)
      return { deliveries: (await store.deliveries(id, query)).map(toDelivery) }
    },
    async again(no) {
      const delivery = await store.again(no, clock.now())
      if (!delivery) throw new AppError('NOT_FOUND', `There is no delivery ${no} that was given up.`)
      hint()
      return toDelivery(delivery)
    },
  }
}

/** @throws AppError FORBIDDEN */
function newTarget({ kind, name, events, wards = null, ...settings }: NewOutboundTarget, by: Caller, seal: Seal, nowMs: number) {
  assertWards(wards, by)
  const secret = kind === 'webhook' ? `whsec_${randomBytes(32).toString('base64url')}` : undefined
  return { target: { id: uuidv7(nowMs), kind, name, settings, secret: secret === undefined ? null : seal.seal(secret), events, wards, createdAtMs: nowMs, createdBy: by.username }, secret }
}

function hostOf(url: string): string {
  const parsed = URL.parse(url)
  if (!parsed) throw new AppError('INVALID_REQUEST', `${url} is no address.`)
  return parsed.hostname
}

/** What only one kind of target has. */
const ONLY = { webhook: ['url'], hl7: ['host', 'port', 'observationsEveryS'] } as const satisfies Record<NewOutboundTarget['kind'], readonly string[]>

/** @throws AppError INVALID_REQUEST */
function changed(before: Target, change: OutboundTargetChange): Pick<Target, 'id' | 'settings' | 'events' | 'wards' | 'enabled'> {
  const { enabled = before.enabled, events = before.events, wards = before.wards, ...rest } = change
  const foreign: readonly string[] = before.kind === 'webhook' ? ONLY.hl7 : ONLY.webhook
  const wrong = Object.keys(rest).filter((key) => foreign.includes(key))
  if (wrong.length > 0) throw new AppError('INVALID_REQUEST', `A target of kind ${before.kind} has no ${wrong.join(', ')}.`)
  return { id: before.id, settings: { ...before.settings, ...rest }, events, wards, enabled }
}

/** Nobody sends out what he may not see himself. @throws AppError FORBIDDEN */
function assertWards(wards: readonly string[] | null, by: Caller): void {
  const own = by.wards
  if (own === null || wards?.every((ward) => own.includes(ward))) return
  throw new AppError('FORBIDDEN', `You see ${own.join(', ')} alone: name wards among these.`)
}

function testBody(target: Target, key: string, nowMs: number): string {
  if (target.kind !== 'hl7') return JSON.stringify({ id: key, event: 'test', at: iso(nowMs) })
  const nobody = { identifier: 'TEST', family: '', given: '', location: [] }
  return writeObservations({ ...identityOf(target), controlId: CONTROL_ID, atMs: nowMs, processing: 'T', patient: nobody, device: 'vigil-test', values: [] })
}

function toView(target: Target, counts: TargetCounts | undefined): OutboundTarget {
  const { id, kind, name, settings, events, wards, enabled, createdAtMs, createdBy, awaySinceMs, nextAtMs, why } = target
  return {
    id, kind, name, settings: { ...settings }, events: [...events], wards: wards && [...wards], enabled,
    createdAt: iso(createdAtMs), createdBy,
    state: enabled ? (awaySinceMs === null ? 'ok' : 'away') : 'off',
    waiting: counts?.waiting ?? 0, delivered: counts?.delivered ?? 0, dead: counts?.dead ?? 0,
    ...isoField('oldestWaitingAt', counts?.oldestMs), ...isoField('awaySince', awaySinceMs), ...isoField('nextTryAt', nextAtMs), ...field('why', why),
  }
}

function toDelivery({ no, event, subject, state, tries, createdAtMs, nextAtMs, endedAtMs, why, status, statusAtMs }: WrittenDelivery): OutboundDelivery {
  return {
    no, event, subject, state, tries, createdAt: iso(createdAtMs),
    ...(state === 'waiting' && { nextTryAt: iso(nextAtMs) }), ...isoField('endedAt', endedAtMs), ...field('why', why), ...field('status', status), ...isoField('statusAt', statusAtMs),
  }
}
