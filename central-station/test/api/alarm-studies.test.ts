import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AlarmLoad, SimulationResult } from '@vigil/contract'
import { furnish, type Furnished } from '../support/furnish.ts'
import { run, startPostgres, type TestPostgres } from '../support/postgres.ts'
import { startStation, type TestStation } from '../support/station.ts'

describe('fewer false alarms, with the ward\'s own data', { timeout: 120_000 }, () => {
  let postgres: TestPostgres
  let ward: TestStation
  let bed: Furnished

  beforeAll(async () => {
    postgres = await startPostgres()
    const databaseUrl = await postgres.database()
    ward = await startStation({ databaseUrl })
    bed = (await furnish(ward.admin, 'west', 1))[0] as Furnished
    const stay = bed.stay.id
    await run(databaseUrl, [
      `update monitoring_interval set from_at = now() - interval '6 hours' where stay_id = '${stay}'`,
      `select ensure_sample_partition(d::date) from generate_series(now() at time zone 'UTC' - interval '1 day', now() at time zone 'UTC', interval '1 day') d`,
      `insert into ledger (device_no, epoch) select no, 'sim' from device where id = 'dev-west-1'`,
      // An hour at 1 Hz: ten dips of 12 s to 88 %, and one minute at 76 %.
      `insert into sample (t, seq, device_no, ledger_no, lag_ms, spo2, pr)
       select now() - interval '2 hours' + i * interval '1 second', i, d.no, l.no, 0,
              case when i between 1800 and 1859 then 76 when i % 360 between 100 and 111 then 88 else 97 end, 70
       from generate_series(1, 3600) i, device d join ledger l on l.device_no = d.no where d.id = 'dev-west-1'`,
      `insert into alarm (id, subject_kind, subject_id, site, ward_id, bed_id, stay_id, device_id, mode, condition, kind, priority, phase, n, version, since_at, announced_at, ended_at, first_acknowledged_at, questionable)
       select gen_random_uuid(), 'stay', '${stay}', 'main', 'west', 'west-1', '${stay}', 'dev-west-1', 'real', 'low:spo2', 'physiological', 'high', 'cleared', 5, 2,
              now() - i * interval '1 hour', now() - i * interval '1 hour', now() - i * interval '1 hour' + interval '8 seconds', case when i = 1 then now() - interval '1 hour' + interval '4 seconds' end, false
       from generate_series(1, 4) i`,
    ])
  }, 240_000)
  afterAll(async () => {
    await ward?.stop()
    await postgres?.stop()
  })

  it('tells what candidate limits would have done over the last day', async () => {
    const result = await ward.admin.post<SimulationResult>('/alarm-simulations', { stayId: bed.stay.id, days: 1, limits: { 'low:spo2': { value: 87, delayS: 10, priority: 'high' } } })
    expect(result).toMatchObject({ stays: 1, resolution: 'raw' })
    expect(result.patientDays * 24).toBeCloseTo(1, 1)
    expect([result.now.alarms, result.candidate.alarms]).toEqual([12, 2])
    expect(result.now.clearedWithin15s).toBe(10)
    expect(result.byCondition.map(({ condition, now, candidate }) => [condition, now.alarms, candidate.alarms])).toEqual([['low:spo2', 11, 1], ['desat:spo2', 1, 1]])
    expect(result.candidate.missedCriticalMinutes).toBeCloseTo(3 / 60, 3)
  })

  it('says how many critical minutes would have been missed, before anybody applies it', async () => {
    const blind = await ward.admin.post<SimulationResult>('/alarm-simulations', { wardId: 'west', days: 1, limits: { 'low:spo2': null, 'desat:spo2': null } })
    expect(blind.candidate).toMatchObject({ alarms: 0, missedCriticalMinutes: 1 })
    expect((await ward.admin.ask('POST', '/alarm-simulations', { wardId: 'west', days: 1, limits: { 'low:spo2': { value: 120, delayS: 10, priority: 'high' } } })).body.code).toBe('LIMITS_INVALID')
    expect((await ward.admin.ask('POST', '/alarm-simulations', { days: 1 })).status).toBe(400)
  })

  it('applies limits to a whole ward in one audited call', async () => {
    const applied = await ward.admin.ask('PUT', '/wards/west/limits', { reason: 'agreed on 12 March', limits: { 'low:spo2': { value: 88, delayS: 12, priority: 'high' } }, expiresInMinutes: null })
    expect(applied.body).toMatchObject({ stays: [bed.stay.id] })
    const limits = await ward.admin.get<{ limits: { condition: string; inForce: object }[] }>(`/stays/${bed.stay.id}/limits`)
    expect(limits.limits.find(({ condition }) => condition === 'low:spo2')?.inForce).toEqual({ value: 88, delayS: 12, priority: 'high' })
  })

  it('shows how loud the ward is', async () => {
    const load = await ward.admin.get<AlarmLoad>('/alarm-load?ward=west')
    expect(load).toMatchObject({ beds: 1, alarms: 4, medianAcknowledgeSeconds: 4, medianSeconds: 8, shareClearedWithin10s: 1 })
    expect(load.perDay).toBeCloseTo(4 / 7, 5)
    expect(load.byBed).toMatchObject([{ bedId: 'west-1', label: '1', wardId: 'west', alarms: 4 }])
  })
})
