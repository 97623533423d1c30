import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AuditList, MonitoringNow, OutboundDeliveryList, OutboundTargetCreated, OutboundTargetList, Stay } from '@vigil/contract'
import { readMessage, readObservations, readSourceAlarms } from '@vigil/contract/hl7/index'
import { until } from '@vigil/ops/testing'
import { systemClock } from '@vigil/program'
import { joinAsDevice, type TestDevice } from '../support/broker.ts'
import { furnish, type Furnished } from '../support/furnish.ts'
import { startPostgres, type TestPostgres } from '../support/postgres.ts'
import { type HttpReceiver, type PythonReceiver, startHttpReceiver, startPythonReceiver } from '../support/receivers.ts'
import { startStation, type TestStation } from '../support/station.ts'

/** From a board to the programs of others: a webhook and the receiver of python-hl7. */
describe('what happens on a ward, told to others', { timeout: 120_000 }, () => {
  let postgres: TestPostgres
  let ward: TestStation
  let hook: HttpReceiver
  let python: PythonReceiver
  let board: TestDevice
  let bed: Furnished
  let targets: { readonly webhook: OutboundTargetCreated; readonly hl7: OutboundTargetCreated }
  let stop = () => {}
  let values: Record<string, number> = { spo2: 97, pr: 70, temp: 36.8 }

  beforeAll(async () => {
    ;[postgres, hook, python] = await Promise.all([startPostgres(), startHttpReceiver(), startPythonReceiver()])
    ward = await startStation({ databaseUrl: await postgres.database(), outboundAllow: '127.0.0.1' })
    const add = (target: object) => ward.admin.post<OutboundTargetCreated>('/outbound-targets', target)
    targets = {
      webhook: await add({ kind: 'webhook', name: 'pager', url: hook.url, events: ['alarm.*', 'stay.*'], wards: ['east'] }),
      hl7: await add({ kind: 'hl7', name: 'record', host: '127.0.0.1', port: python.port, events: ['alarm.*'], observationsEveryS: 1, receivingApplication: 'EHR' }),
    }
    ;[bed] = (await furnish(ward.admin, 'east', 2, 1)) as [Furnished]
    await furnish(ward.admin, 'west', 1)
    board = await joinAsDevice(ward.broker.url, 'dev-east-1')
    await board.say('state', { st: 'online', e: 'a1', mode: 'real' }, { retain: true })
    let s = 0
    const timer = setInterval(() => void board.say('tele', { e: 'a1', s: ++s, t: systemClock.now(), m: values }).catch(() => undefined), 250)
    stop = () => clearInterval(timer)
  }, 240_000)
  afterAll(async () => {
    stop()
    await board?.leave()
    await ward?.stop()
    await Promise.all([hook?.close(), python?.close(), postgres?.stop()])
  })

  const posted = (event: string) => until(event, 60_000, () => hook.heard.map(({ body }) => JSON.parse(body) as { event: string; id: string; patient?: object; stay?: object; alarm?: { id: string } }).find((one) => one.event === event))

  it('an admission is told by bed and id, without a name, and only of the wards asked for', async () => {
    const admitted = await posted('stay.admitted')
    expect(admitted).toMatchObject({ stay: { id: bed.stay.id, wardId: 'east', bedId: 'east-1', mode: 'real' }, patient: { id: bed.patient.id } })
    expect(hook.heard.map(({ body }) => body).join()).not.toMatch(/Of east-1|west/)
    await ward.admin.post<Stay>(`/stays/${bed.stay.id}/transfer`, { bedId: 'east-2' })
    expect(await posted('stay.transferred')).toMatchObject({ stay: { bedId: 'east-2', fromBedId: 'east-1' } })
  })

  it('python-hl7 is told the values, and they read back as they were measured', async () => {
    const heard = await until('observations', 60_000, () => python.heard.find(({ type, obx }) => type === 'ORU^R01^ORU_R01' && obx.length > 3))
    expect(heard.obx.slice(1)).toEqual(expect.arrayContaining([['150456^MDC_PULS_OXIM_SAT_O2^MDC', '97'], ['149530^MDC_PULS_OXIM_PULS_RATE^MDC', '70'], [expect.stringContaining('^MDC'), '36.8']]))
    expect(heard.patient).toContain(bed.patient.id)
    const read = readMessage(new TextEncoder().encode(heard.raw))
    const [result] = read.ok ? readObservations(read.message, { offsetMinutes: 0, givenFirst: false, receivedMs: 0 }) : []
    expect(Object.fromEntries(result?.observations.map(({ signal, value }) => [signal.name, value]) ?? [])).toEqual({ spo2: 97, pr: 70, temp: 36.8 })
    expect(result?.patient).toMatchObject({ family: '', given: '' })
  })

  it('an alarm comes as a signed post and as PCD-04, from its beginning to its end under one id', async () => {
    values = { spo2: 75, pr: 70, temp: 36.8 }
    const announced = await posted('alarm.announced')
    expect(announced.alarm).toMatchObject({ state: 'active', signal: 'spo2', unit: '%', wardId: 'east', stayId: bed.stay.id, deviceId: 'dev-east-1', sentence: expect.stringContaining('SpO2 75 %') })
    values = { spo2: 97, pr: 70, temp: 36.8 }
    const alarms = () => python.heard.filter(({ type }) => type === 'ORU^R40^ORU_R40').flatMap(({ raw }) => {
      const read = readMessage(new TextEncoder().encode(raw))
      return read.ok ? readSourceAlarms(read.message, { offsetMinutes: 0, givenFirst: false, receivedMs: 0 }) : []
    })
    const mine = () => alarms().filter(({ id }) => id[0] === announced.alarm?.id)
    await until('its end', 60_000, () => mine().find(({ phase }) => phase === 'end'))
    expect(mine()[0]).toMatchObject({ phase: 'start', state: 'active', type: 'physiological', source: '150456', value: 75, text: expect.stringContaining('SpO2 75 %') })
  })

  it('a pause of monitoring is told from its beginning to its end, with the reason of the list alone', async () => {
    const told = (event: string, bed: string) => until(event, 60_000, () => hook.heard.map(({ body }) => JSON.parse(body) as { event: string; monitoring: Record<string, unknown> }).find((one) => one.event === event && one.monitoring['stayId'] === bed))
    const paused = (await ward.admin.ask<MonitoringNow>('PUT', `/stays/${bed.stay.id}/monitoring-pause`, { reason: 'other', text: 'Mrs Kowalska wants a bath', minutes: 20 })).body
    const begun = await told('alarm.monitoring_paused', bed.stay.id)
    expect(begun).toMatchObject({ monitoring: { mode: 'paused', until: paused.until, reason: 'other', by: 'admin', wardId: 'east', deviceId: 'dev-east-1', dataMode: 'real' }, patient: { id: bed.patient.id } })
    await ward.admin.ask('DELETE', `/stays/${bed.stay.id}/monitoring-pause`)
    expect(await told('alarm.monitoring_resumed', bed.stay.id)).toMatchObject({ monitoring: { id: begun.monitoring['id'], mode: 'on' } })
    expect(hook.heard.map(({ body }) => body).join()).not.toContain('Kowalska')
    const advisories = () => python.heard.filter(({ obx }) => obx.some(([, value]) => value.includes('Monitoring paused')) || obx.some(([, value]) => value.includes('Monitoring goes on')))
    await until('its end by HL7', 60_000, () => (advisories().length === 2 ? true : undefined))
    const facet = (code: string) => advisories().map(({ obx }) => obx.find(([name]) => name.startsWith(code))?.[1])
    expect([facet('68483'), facet('68484')]).toEqual([['alarm-paused', 'enabled'], ['PN', 'PN']])
    expect(advisories().map(({ raw }) => raw).join()).not.toContain('Kowalska')
  })

  it('who looks after it sees how it stands with each, and the audit says who set it up', async () => {
    const { targets: listed } = await ward.admin.get<OutboundTargetList>('/outbound-targets')
    expect(listed.map(({ name, state, dead }) => [name, state, dead])).toEqual([['pager', 'ok', 0], ['record', 'ok', 0]])
    expect(JSON.stringify(listed)).not.toContain('whsec')
    const { deliveries } = await ward.admin.get<OutboundDeliveryList>(`/outbound-targets/${targets.hl7.id}/deliveries?state=delivered&limit=5`)
    expect(deliveries).toHaveLength(5)
    const { entries } = await ward.admin.get<AuditList>('/audit?action=outbound')
    expect(entries.map(({ action, detail }) => [action, detail?.['name']])).toEqual([['outbound.add', 'record'], ['outbound.add', 'pager']])
    const figures = await ward.admin.get<string>('/metrics')
    expect(figures).toMatch(/vigil_outbound_deliveries_total\{kind="hl7",outcome="delivered"[^}]*\} [1-9]/)
    expect((await ward.admin.ask('PATCH', `/outbound-targets/${targets.webhook.id}`, { port: 1 })).status).toBe(400)
    expect(await ward.admin.patch(`/outbound-targets/${targets.webhook.id}`, { enabled: false })).toMatchObject({ state: 'off' })
    expect((await ward.admin.ask('DELETE', `/outbound-targets/${targets.webhook.id}`)).status).toBe(204)
  })
})
