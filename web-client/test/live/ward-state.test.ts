import { describe, expect, it } from 'vitest'
import { watchEffect } from 'vue'
import type { Bed, Ward } from '@vigil/contract/api/patients'
import { createWardState, mergeLatest } from '../../src/live/ward-state.ts'
import { createWatches } from '../../src/live/watches.ts'

const ADMITTED = Date.UTC(2026, 6, 14)
const bed = (n: number, more: Partial<Bed> = {}): Bed => ({
  id: `b${n}`, label: String(n), latest: {}, freshness: {},
  stay: { id: `s${n}`, admittedAt: new Date(ADMITTED).toISOString(), reason: '', patient: { id: 'p', familyName: 'X', givenName: '', title: '', mode: 'real' } },
  device: { id: `d${n}`, label: '', mode: 'real', status: 'online', intervalMs: 1_000 },
  ...more,
})
const ward = (...beds: Bed[]): Ward => ({ id: 'w', name: 'W', site: 'main', mode: 'real', beds, serverTimeMs: 0 })
const t = ADMITTED + 60_000

describe('the wards a screen holds', () => {
  it('redraws one bed when one device speaks, not the ward', () => {
    const state = createWardState()
    state.setWard(ward(bed(1), bed(2)))
    const drawn = { first: 0, second: 0 }
    watchEffect(() => { void state.wards.get('w')?.value.beds[0]?.value; drawn.first++ }, { flush: 'sync' })
    watchEffect(() => { void state.wards.get('w')?.value.beds[1]?.value; drawn.second++ }, { flush: 'sync' })
    state.applyDelta({ device: 'd1', values: { pr: { v: 70, t } } })
    expect(drawn).toEqual({ first: 2, second: 1 })
  })

  it('never gives a patient a value measured before this stay: it is another’s', () => {
    const state = createWardState()
    state.setWard(ward(bed(1)))
    state.applyDelta({ device: 'd1', values: { pr: { v: 55, t: ADMITTED - 1 }, spo2: { v: 97, t } } })
    expect(state.bedOfStay('s1')?.bed.latest).toEqual({ spo2: { v: 97, t } })
  })

  it('keeps the newer value when an older one is sent again', () => {
    const state = createWardState()
    state.setWard(ward(bed(1, { latest: { pr: { v: 80, t } } })))
    state.applyDelta({ device: 'd1', values: { pr: { v: 60, t: t - 5_000 } } })
    expect(state.bedOfStay('s1')?.bed.latest['pr']?.v).toBe(80)
  })

  it('takes a bed frame whole: a discharged patient’s values are gone', () => {
    const state = createWardState()
    state.setWard(ward(bed(1, { latest: { pr: { v: 80, t } } })))
    state.setBed('w', { id: 'b1', label: '1', latest: {}, freshness: {} })
    expect(state.bedOfStay('s1')).toBeUndefined()
    state.applyDelta({ device: 'd1', values: { pr: { v: 81, t: t + 1 } } })
    expect(state.wards.get('w')?.value.beds[0]?.value.latest).toEqual({})
  })

  it('ignores a device nobody shows, and a bed of another ward', () => {
    const state = createWardState()
    state.setWard(ward(bed(1)))
    state.applyDelta({ device: 'elsewhere', values: { pr: { v: 1, t } } })
    state.setBed('other', bed(1))
    expect(state.wards.size).toBe(1)
  })

  it('remembers what a value was when the finger comes off', () => {
    const before = mergeLatest({}, { spo2: { v: 97, t } })
    const off = mergeLatest(before, { spo2: { v: null, t: t + 1_000, x: 'off' } })
    expect(off['spo2']?.was).toEqual({ v: 97, t })
    expect(mergeLatest(off, { spo2: { v: null, t: t + 2_000, x: 'off' } })['spo2']?.was).toEqual({ v: 97, t })
  })

  it('takes presence and interval from a device without new values', () => {
    const state = createWardState()
    state.setWard(ward(bed(1)))
    state.applyDelta({ device: 'd1', status: 'lost', intervalMs: 5_000 })
    expect(state.bedOfStay('s1')?.bed.device).toMatchObject({ status: 'lost', intervalMs: 5_000 })
  })
})

describe('what a screen asks to hear of', () => {
  it('is asked once for all its parts, and anew only when it changes', async () => {
    const asked: unknown[] = []
    const watches = createWatches((request) => asked.push(request))
    const stopWall = watches.add({ wards: ['w'] })
    watches.add({ wards: ['w'], devices: ['d1'] })
    await Promise.resolve()
    expect(asked).toEqual([{ type: 'watch', wards: ['w'], devices: ['d1'], waves: [] }])
    stopWall()
    await Promise.resolve()
    expect(asked).toHaveLength(1)
  })

  it('turns a change of page into one request', async () => {
    const asked: unknown[] = []
    const watches = createWatches((request) => asked.push(request))
    const stop = watches.add({ wards: ['a'] })
    await Promise.resolve()
    stop()
    watches.add({ wards: ['b'], waves: ['d'] })
    await Promise.resolve()
    expect(asked.slice(1)).toEqual([{ type: 'watch', wards: ['b'], devices: [], waves: ['d'] }])
  })
})
