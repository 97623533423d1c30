import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AuditList, Hl7Codes } from '@vigil/contract'
import { rows, run, startPostgres, type TestPostgres } from '../support/postgres.ts'
import { startStation, type TestStation } from '../support/station.ts'

const row = (code: string, value: string, unit: string) => `OBX|1|NM|${code}^House name^99HOUSE||${value}|${unit}|||||F`
const message = (n: number, ...lines: string[]) => [`MSH|^~\\&|MON|LAB|||2026030112000${n}+0000||ORU^R01|M${n}|P|2.4`, 'PID|||1', `OBR|1|||VITALS|||2026030111000${n}+0000`, ...lines].join('\r')

describe('codes of its own that a source sends', { timeout: 60_000 }, () => {
  let postgres: TestPostgres
  let ward: TestStation

  beforeAll(async () => {
    postgres = await startPostgres()
    ward = await startStation({ databaseUrl: await postgres.database() })
    await ward.admin.post('/devices', { id: 'hl7-MON' })
    await run(ward.databaseUrl, [`insert into hl7_sender (name, device_no) select 'MON', no from device where id = 'hl7-MON'`])
  }, 120_000)
  afterAll(async () => {
    await ward?.stop()
    await postgres?.stop()
  })

  /** As the bridge keeps one: raw, with what it did not know. */
  const kept = (n: number, text: string, codes: readonly string[]) =>
    rows(ward.databaseUrl, `insert into hl7_message (received_at, sender_no, control_id, digest, kind, first_seq, raw, findings, done) select now(), no, $1, $1, 'ORU^R01', 1, $2, $3, true from hl7_sender`, [Buffer.from(`M${n}`), Buffer.from(text), JSON.stringify(codes.map((code, i) => ({ row: i + 1, code, why: 'UNMAPPED' })))])
  const read = () => ward.admin.get<Hl7Codes>('/hl7-sources/hl7-MON/codes')
  const map = (body: object) => ward.admin.ask<Hl7Codes>('PUT', '/hl7-sources/hl7-MON/codes', body)
  const handedOver = () => rows<{ objects: { e: string; s: number; t: number; m: Record<string, number> }[] }>(ward.databaseUrl, 'select objects from door_inbox order by id').then((found) => found.flatMap(({ objects }) => objects))

  it('are listed with their number and the newest value, and mapped by one act that reads again what had come', async () => {
    await kept(1, message(1, row('T77', '98.6', 'degF'), row('X9', '5', '')), ['T77', 'X9'])
    await kept(2, message(2, row('T77', '99.5', 'degF')), ['T77'])
    // What is refused under the signal stays refused: no thermometer says 384.
    await kept(3, message(3, row('T77', '384', 'degF')), ['T77'])
    expect(await read()).toMatchObject({ mapped: [], unknown: [{ code: 'T77', system: '99HOUSE', name: 'House name', unit: 'degF', count: 3, sample: 384 }, { code: 'X9', count: 1, sample: 5 }] })
    const { status, body } = await map({ code: 'T77', system: '99HOUSE', signal: 'temp' })
    expect(status).toBe(200)
    expect(body).toMatchObject({ unknown: [{ code: 'X9' }], mapped: [{ code: 'T77', signal: 'temp', unit: '', madeBy: 'admin', rereading: true }] })
    await expect.poll(async () => (await read()).mapped[0]?.recovered, { timeout: 20_000 }).toBe(2)
    expect(await handedOver()).toEqual([{ e: 'hl7-map', s: 1, t: Date.UTC(2026, 2, 1, 11, 0, 1), m: { temp: 37 } }, { e: 'hl7-map', s: 2, t: Date.UTC(2026, 2, 1, 11, 0, 2), m: { temp: 37.5 } }])
    expect((await ward.admin.get<AuditList>('/audit?action=hl7_source.map')).entries[0]).toMatchObject({ deviceId: 'hl7-MON', detail: { code: 'T77', signal: 'temp' } })
  })

  it('that were under way meanwhile are read again too, and nothing twice', async () => {
    await kept(4, message(4, row('T77', '100.4', 'degF')), ['T77'])
    await expect.poll(async () => (await read()).mapped[0]?.recovered, { timeout: 20_000 }).toBe(3)
    await map({ code: 'T77', system: '99HOUSE', signal: 'temp' })
    await new Promise<void>((resolve) => setImmediate(resolve))
    await expect.poll(async () => (await map({ code: 'X9', system: '99HOUSE', signal: 'pr', unit: '/min' })).status, { timeout: 20_000 }).toBe(200)
    // A pulse of five is none: nothing comes of it, and what was mapped before was not read a second time.
    await expect.poll(async () => (await rows<{ upto: string }>(ward.databaseUrl, `select reread_upto::text as upto from hl7_code where code = 'X9'`))[0]?.upto, { timeout: 20_000 }).toBe('1')
    expect((await handedOver()).map(({ m }) => m)).toEqual([{ temp: 37 }, { temp: 37.5 }, { temp: 38 }])
  })

  it('can be taken back, and read anew under another signal', async () => {
    expect((await map({ code: 'X9', system: '99HOUSE', signal: null })).body).toMatchObject({ unknown: [{ code: 'X9' }], mapped: [{ code: 'T77' }] })
    await map({ code: 'T77', system: '99HOUSE', signal: 'tskin' })
    await expect.poll(async () => (await handedOver()).filter(({ m }) => 'tskin' in m).length, { timeout: 20_000 }).toBe(3)
  })

  it.each([
    ['a signal nobody knows', { code: 'X9', system: '99HOUSE', signal: 'nonsense' }, 'UNKNOWN_SIGNAL'],
    ['a unit of another quantity', { code: 'X9', system: '99HOUSE', signal: 'temp', unit: 'mmHg' }, 'INVALID_REQUEST'],
    ['no code', { code: '', system: '99HOUSE', signal: 'temp' }, 'INVALID_REQUEST'],
  ])('are not mapped to %s', async (_, body, code) => {
    expect((await map(body)).body).toMatchObject({ code })
  })

  it('of a device that is no source are none', async () => {
    expect((await ward.admin.ask('GET', '/hl7-sources/nobody/codes')).status).toBe(404)
  })
})
