import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Alarm, AlarmEventList, AlarmList, AuditList, Limits, MonitoringNow, TakerList, Ward, WardList } from '@vigil/contract'
import { until } from '@vigil/ops/testing'
import type { TestApi } from '../support/api.ts'
import { joinAsDevice, type TestDevice } from '../support/broker.ts'
import { furnish, type Furnished } from '../support/furnish.ts'
import { openScreen, type TestScreen } from '../support/live.ts'
import { startPostgres, type TestPostgres } from '../support/postgres.ts'
import { startStation, type TestStation } from '../support/station.ts'

describe('alarms, from a board to a screen', { timeout: 180_000 }, () => {
  let postgres: TestPostgres
  let ward: TestStation
  let api: TestApi
  let beds: Furnished[]
  let board: TestDevice
  let other: TestDevice
  let screen: TestScreen
  let s = 0
  let stop = () => {}
  let values: Record<string, number> = { spo2: 97, pr: 70 }

  beforeAll(async () => {
    postgres = await startPostgres()
    ward = await startStation({ databaseUrl: await postgres.database() })
    api = ward.admin
    beds = await furnish(api, 'east', 2)
    board = await joinAsDevice(ward.broker.url, 'dev-east-1')
    other = await joinAsDevice(ward.broker.url, 'dev-east-2')
    await board.say('state', { st: 'online', e: 'a1', mode: 'real' }, { retain: true })
    screen = await openScreen(api)
    screen.watch({ wards: ['east'] })
    await screen.sees('ward')
    await until('the engine', 60_000, async () => ((await api.get<AlarmList>('/alarms')).watch.staysWatched === 2 ? true : undefined))
    const timer = setInterval(() => void board.say('tele', { e: 'a1', s: ++s, t: Date.now(), m: values }).catch(() => undefined), 500)
    stop = () => clearInterval(timer)
  }, 240_000)
  afterAll(async () => {
    stop()
    screen?.close()
    await board?.leave()
    await other?.leave()
    await ward?.stop()
    await postgres?.stop()
  })
  beforeEach(() => { screen.frames.length = 0 })

  const stay = () => (beds[0] as Furnished).stay.id
  const desat = async (): Promise<Alarm> => {
    values = { spo2: 75, pr: 70 }
    return (await screen.sees('alarm', ({ alarm }) => alarm.condition === 'desat:spo2' && alarm.state === 'active', 60_000)).alarm
  }
  const well = async () => {
    values = { spo2: 97, pr: 70 }
    for (let again = true; again; ) {
      const { alarms } = await api.get<AlarmList>(`/alarms?stay=${stay()}`)
      for (const alarm of alarms) if (alarm.state !== 'acknowledged') await api.ask('POST', `/alarms/${alarm.id}/acknowledgement`, { seenVersion: alarm.version })
      again = alarms.length > 0
      if (again) await new Promise((resolve) => { setTimeout(resolve, 500) })
    }
  }

  it('a patient who calls is a high alarm at once, and over when somebody answers', async () => {
    const called = await api.post<Alarm>(`/stays/${stay()}/patient-call`)
    expect(called).toMatchObject({ condition: 'patient_call', kind: 'physiological', priority: 'high', state: 'active', stayId: stay(), sentence: 'The patient feels unwell and calls' })
    await screen.sees('alarm', ({ alarm }) => alarm.id === called.id && alarm.state === 'active')
    expect((await api.post<Alarm>(`/stays/${stay()}/patient-call`)).id).toBe(called.id)
    await api.post(`/alarms/${called.id}/acknowledgement`, { seenVersion: called.version })
    await screen.sees('alarm', ({ alarm }) => alarm.id === called.id && alarm.state === 'cleared')
    const again = await api.post<Alarm>(`/stays/${stay()}/patient-call`)
    expect(again.id).not.toBe(called.id)
    await api.post(`/alarms/${again.id}/acknowledgement`, { seenVersion: again.version })
    await until('the audit has the call', 10_000, async () => ((await api.get<AuditList>('/audit?action=alarm.patient_call')).entries.length >= 3 ? true : undefined))
    expect((await api.ask('POST', '/stays/00000000-0000-7000-8000-000000000000/patient-call')).status).toBe(404)
  })

  it('are watched where there are limits; of how many patients something is heard is told beside it', async () => {
    await until('one of two to be heard', 60_000, async () => ((await api.get<AlarmList>('/alarms')).watch.staysHeard === 1 ? true : undefined))
    expect((await api.get<AlarmList>('/alarms')).watch).toMatchObject({ engine: 'ok', staysWatched: 2, staysHeard: 1 })
  })

  it('reach the screen, the list and the ward, with words, limit and bed; the board is told', async () => {
    const alarm = await desat()
    expect(alarm).toMatchObject({ priority: 'high', wardId: 'east', bedId: 'east-1', stayId: stay(), deviceId: 'dev-east-1', limit: 80, sentence: 'Desaturation: SpO2 75 %, below 80', version: 1, patient: { familyName: 'Of east-1' } })
    expect((await api.get<AlarmList>('/alarms?ward=east')).alarms[0]).toMatchObject({ id: alarm.id })
    expect((await api.get<WardList>('/wards')).wards.find(({ id }) => id === 'east')?.beds[0]?.alarms?.map(({ condition }) => condition)).toContain('desat:spo2')
    const told = await board.hears('alarm', (m) => (m['a'] as { c: string }[]).some(({ c }) => c === 'desat:spo2'))
    expect(told).toMatchObject({ armed: 0 })
    await well()
  })

  it('are acknowledged by who saw the newest version; a stale answer gets 409 with the new value', async () => {
    const alarm = await desat()
    values = { spo2: 70, pr: 70 }
    const worse = (await screen.sees('alarm', (f) => f.alarm.id === alarm.id && f.alarm.version === 2, 60_000)).alarm
    const stale = await api.ask('POST', `/alarms/${alarm.id}/acknowledgement`, { seenVersion: 1 })
    expect([stale.status, stale.body.code, stale.body.details?.['value']]).toEqual([409, 'ALARM_CHANGED', 70])
    const done = await api.post<Alarm>(`/alarms/${alarm.id}/acknowledgement`, { seenVersion: worse.version, note: 'repositioned' })
    expect(done).toMatchObject({ state: 'acknowledged', acknowledgedBy: 'admin', note: 'repositioned' })
    await screen.sees('alarm', (f) => f.alarm.id === alarm.id && f.alarm.state === 'acknowledged')
    await well()
    await screen.sees('alarm', (f) => f.alarm.id === alarm.id && f.alarm.state === 'cleared', 60_000)
    const life = await until('the log', 10_000, async () => {
      const list = await api.get<AlarmEventList>(`/alarms/${alarm.id}/events`)
      return list.events.at(-1)?.what === 'cleared' ? list : undefined
    })
    expect(life.events.map(({ what }) => what).filter((what) => what !== 'escalated')).toEqual(['began', 'announced', 'worsened', 'acknowledged', 'recovering', 'cleared'])
    expect(life.events.find(({ what }) => what === 'acknowledged')).toMatchObject({ by: 'admin', role: 'admin' })
    const { entries } = await api.get<AuditList>(`/audit?stay=${stay()}&action=alarm.acknowledge`)
    expect(entries.some(({ detail }) => detail?.['note'] === 'repositioned')).toBe(true)
    expect((await api.get<AlarmList>('/alarms?state=ended&ward=east')).alarms.map(({ id }) => id)).toContain(alarm.id)
  })

  it('are handed over to a colleague who may answer them, and their life tells all of it', async () => {
    for (const [username, role, wards] of [['kim', 'nurse', ['east']], ['far', 'nurse', ['north']], ['looker', 'viewer', ['east']]] as const) await ward.admin.post('/users', { username, displayName: username, role, wards, password: 'ten letters at least' }).catch(() => undefined)
    const alarm = await desat()
    const early = await api.ask('POST', `/alarms/${alarm.id}/handover`, { to: 'kim' })
    expect([early.status, early.body.code]).toEqual([409, 'ALARM_UNANSWERED'])
    const open = (await api.get<AlarmList>(`/alarms?stay=${stay()}`)).alarms.find(({ id }) => id === alarm.id)
    await api.post(`/alarms/${alarm.id}/acknowledgement`, { seenVersion: open?.version })
    expect((await api.get<TakerList>(`/alarms/${alarm.id}/takers`)).takers.map(({ username }) => username)).toEqual(['admin', 'kim'])
    expect((await api.ask('POST', `/alarms/${alarm.id}/handover`, { to: 'far' })).status).toBe(404)
    const given = await api.post<Alarm>(`/alarms/${alarm.id}/handover`, { to: 'kim', note: 'end of shift' })
    expect(given).toMatchObject({ state: 'acknowledged', acknowledgedBy: 'kim', note: 'end of shift' })
    await screen.sees('alarm', (f) => f.alarm.id === alarm.id && f.alarm.acknowledgedBy === 'kim')
    await api.ask('PUT', `/stays/${stay()}/audio`, { mode: 'paused' })
    await api.ask('PUT', `/stays/${stay()}/audio`, { mode: 'on' })
    await api.get(`/alarms/${alarm.id}/events`)
    const life = await until('all of its life', 20_000, async () => {
      const { events } = await api.get<AlarmEventList>(`/alarms/${alarm.id}/events`)
      return events.some(({ what }) => what === 'looked_at') && events.some(({ what }) => what === 'handed_over') ? events : undefined
    })
    const order = life.map(({ what }) => what)
    for (const what of ['announced', 'acknowledged', 'handed_over', 'audio_paused', 'looked_at']) expect(order).toContain(what)
    expect(life.find(({ what }) => what === 'handed_over')).toMatchObject({ by: 'admin', why: 'to kim' })
    expect(life.find(({ what }) => what === 'looked_at')).toMatchObject({ by: 'admin', role: 'admin' })
    expect((await api.get<AuditList>(`/audit?stay=${stay()}&action=alarm.hand_over`)).entries[0]?.detail).toMatchObject({ from: 'admin', to: 'kim' })
    await well()
  })

  it('have a sound that is paused for one patient, in words with its end, and broken by something new', async () => {
    expect(await api.ask('PUT', `/stays/${stay()}/audio`, { mode: 'off' })).toMatchObject({ status: 400 })
    const paused = await api.ask('PUT', `/stays/${stay()}/audio`, { mode: 'paused' })
    expect(paused.body).toMatchObject({ mode: 'paused', by: 'admin' })
    expect((await api.get<Ward>('/wards/east')).beds.map((bed) => bed.audio?.mode)).toEqual(['paused', 'on'])
    await desat()
    await screen.sees('audio', ({ stayId, audio }) => stayId === stay() && audio.mode === 'on')
    await well()
    // Of a whole ward too; what somebody switched off stays off.
    expect((await api.ask('POST', '/wards/east/audio-pause')).body).toEqual({ stays: 2 })
    await api.ask('PUT', `/stays/${stay()}/audio`, { mode: 'off', reason: 'comfort care' })
    expect((await api.ask('DELETE', '/wards/east/audio-pause')).body).toEqual({ stays: 1 })
    expect((await api.get<Ward>('/wards/east')).beds.map((bed) => bed.audio?.mode)).toEqual(['off', 'on'])
    await api.ask('PUT', `/stays/${stay()}/audio`, { mode: 'on' })
  })

  it('are held back while the patient is in the bath, but for a call of their own; everybody reads who said so and until when', async () => {
    const of = `/stays/${stay()}/monitoring-pause`
    expect((await api.ask('PUT', of, { reason: 'other', minutes: 10 })).body).toMatchObject({ code: 'INVALID_REQUEST', details: { field: 'text' } })
    expect((await api.ask('PUT', of, { reason: 'bath', minutes: 90 })).status).toBe(400)
    const paused = (await api.ask<MonitoringNow>('PUT', of, { reason: 'bath', minutes: 20 })).body
    expect(paused).toMatchObject({ mode: 'paused', by: 'admin', role: 'admin', reason: 'bath' })
    expect(Date.parse(paused.until ?? '') - Date.parse(paused.since ?? '')).toBe(20 * 60_000)
    await screen.sees('monitoring', ({ stayId, monitoring }) => stayId === stay() && monitoring.mode === 'paused')
    expect((await api.get<Ward>('/wards/east')).beds.map((bed) => bed.monitoring?.mode)).toEqual(['paused', 'on'])
    values = { spo2: 71, pr: 70 }
    await screen.sees('values', ({ devices }) => devices.some(({ device, values: now }) => device === 'dev-east-1' && now?.['spo2']?.v === 71), 60_000)
    const call = await api.post<Alarm>(`/stays/${stay()}/patient-call`, {})
    expect(call.pausedSince).toBeUndefined()
    await api.post(`/alarms/${call.id}/acknowledgement`, { seenVersion: call.version })
    expect((await api.ask<MonitoringNow>('PUT', of, { reason: 'other', text: ' with the physiotherapist ', minutes: 10 })).body.reason).toBe('with the physiotherapist')
    expect((await api.get<AlarmList>(`/alarms?stay=${stay()}`)).alarms).toEqual([])
    expect((await api.ask<MonitoringNow>('DELETE', of)).body).toMatchObject({ mode: 'on' })
    await screen.sees('alarm', ({ alarm }) => alarm.condition === 'desat:spo2' && alarm.state === 'active', 60_000)
    const again = (await api.ask<MonitoringNow>('PUT', of, { reason: 'transport', minutes: 60 })).body
    const { alarm: held } = await screen.sees('alarm', ({ alarm }) => alarm.condition === 'desat:spo2' && alarm.pausedSince !== undefined)
    expect(held).toMatchObject({ state: 'active', pausedSince: again.since, escalation: { taken: ['first'] } })
    expect(held.escalation.next).toBeUndefined()
    await api.ask('DELETE', of)
    await screen.sees('alarm', ({ alarm }) => alarm.id === held.id && alarm.pausedSince === undefined)
    const { events } = await until('the pause in the life of the alarm', 20_000, async () => {
      const list = await api.get<AlarmEventList>(`/alarms/${held.id}/events`)
      return list.events.some(({ what }) => what === 'monitoring_resumed') && list.events.some(({ what }) => what === 'resumed') ? list : undefined
    })
    expect(events.find(({ what }) => what === 'monitoring_paused')).toMatchObject({ by: 'admin', why: 'transport' })
    const told = await api.get<AuditList>(`/audit?stay=${stay()}&action=stay.pause_monitoring`)
    expect(told.entries.map(({ detail }) => detail)).toEqual([{ reason: 'transport', minutes: 60 }, { reason: 'with the physiotherapist', minutes: 10 }, { reason: 'bath', minutes: 20 }].map((detail) => expect.objectContaining(detail) as object))
    await well()
  })

  it('go by the limits of the patient, changed with a reason and an end, noted on the bed', async () => {
    const before = await api.get<Limits>(`/stays/${stay()}/limits`)
    expect(before).toMatchObject({ version: 0, profile: 'adult', news2Scale: 1 })
    const change = { version: 0, reason: 'COPD, target 88 to 92', limits: { 'low:pr': { value: 45, delayS: 5, priority: 'medium' } } }
    const put = await api.ask('PUT', `/stays/${stay()}/limits`, change)
    expect(put.body).toMatchObject({ version: 1 })
    expect((await api.ask('PUT', `/stays/${stay()}/limits`, change)).body.code).toBe('VERSION_CONFLICT')
    expect((await api.ask('PUT', `/stays/${stay()}/limits`, { version: 1, reason: 'a slip', limits: { 'low:pr': { value: 130, delayS: 5, priority: 'medium' } } })).body.code).toBe('LIMITS_INVALID')
    values = { spo2: 97, pr: 47 }
    const { beds: [bed] } = await api.get<Ward>('/wards/east')
    expect(bed?.limitNotes).toMatchObject([{ condition: 'low:pr', what: 'changed', value: 45, profileValue: 50, by: 'admin', reason: 'COPD, target 88 to 92', until: expect.any(String) }])
    await api.ask('PUT', `/stays/${stay()}/limits`, { version: 1, reason: 'back to the profile', reset: ['low:pr'] })
    await screen.sees('alarm', ({ alarm }) => alarm.condition === 'low:pr', 60_000)
    await api.ask('PUT', `/stays/${stay()}/alarm-off`, { condition: 'low:pr', off: true, reason: 'bradycardia is known' })
    await screen.sees('alarm', ({ alarm }) => alarm.condition === 'low:pr' && alarm.state === 'cleared')
    await api.ask('PUT', `/stays/${stay()}/alarm-off`, { condition: 'low:pr', off: false, reason: 'tried' })
    await well()
  })

  it('count what was typed in towards NEWS2, and say what is missing', async () => {
    values = { spo2: 97, pr: 70, rr: 16, temp: 37 }
    await api.post(`/stays/${stay()}/observations`, { consciousness: 'C', oxygen: true })
    const { news2 } = await screen.sees('news2', (f) => f.stayId === stay() && f.news2?.score === 5, 60_000)
    expect(news2).toMatchObject({ score: 5, complete: false, known: 6, missing: ['sys'] })
    await api.post(`/stays/${stay()}/observations`, { sys: 120, consciousness: 'A', oxygen: false })
    await screen.sees('news2', (f) => f.news2?.complete === true && f.news2.score === 0, 60_000)
    expect((await api.get<Ward>('/wards/east')).beds[0]?.news2).toMatchObject({ score: 0, complete: true })
  })

  it('never come from a backlog; what crossed a limit there goes to the review list', async () => {
    const t = Date.now() - 600_000
    await other.say('tele', { e: 'b1', s: 100, t: Date.now(), m: { spo2: 97 } })
    // Before the patient had the device it was somebody else's: this stay began a moment ago, so the data are of now.
    const began = Date.parse((beds[1] as Furnished).stay.admittedAt)
    const from = Math.max(began, t)
    await other.say('backlog', Array.from({ length: 40 }, (_, i) => ({ e: 'b1', s: i + 1, t: from + i * 400, m: { spo2: i < 30 ? 78 : 97 } })))
    const items = await until('the review', 90_000, async () => {
      const list = await api.get<{ items: { id: string; condition: string; worst: number }[] }>('/alarm-reviews?ward=east')
      return list.items.length > 0 ? list.items : undefined
    }, 500)
    expect(items.map(({ condition }) => condition)).toContain('desat:spo2')
    expect((await api.get<AlarmList>('/alarms?ward=east')).alarms.filter(({ deviceId, kind }) => deviceId === 'dev-east-2' && kind === 'physiological')).toEqual([])
    await api.post(`/alarm-reviews/${items[0]?.id}/seen`, {})
    expect((await api.get<{ items: { id: string }[] }>('/alarm-reviews?ward=east')).items.map(({ id }) => id)).not.toContain(items[0]?.id)
  })
})
