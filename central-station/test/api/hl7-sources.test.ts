import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AuditList, Hl7Source, Hl7SourceList, PatientList } from '@vigil/contract'
import type { IhpDocument } from '../../src/sources/ihp-records.ts'
import { apiWith } from '../support/api.ts'
import { rows, run, startPostgres, type TestPostgres } from '../support/postgres.ts'
import { startStation, type TestStation } from '../support/station.ts'

/** Three glucose values as the sender of the HL7 receiver for IHP sends them, with a second OBX. */
const message = (n: number) => [`MSH|^~\\&|IHP|LAB|||2026030112000${n}+0000||ORU^R01|M${n}|P|2.4`, 'PID|||000-00-0000^^^LAB^MR||DOE^JANE||19800101|F', `OBR|1|||GLU|||2026030111000${n}+0000`, `OBX|1|NM|2339-0^Glucose^LN||18${n}|mg/dL|70_105|H|||F|||2026030110000${n}+0000`, 'OBX|2|ST|X^Note||fasting||||||F'].join('\r')

describe('senders of HL7 v2, and front ends written for another receiver', { timeout: 60_000 }, () => {
  let postgres: TestPostgres
  let ward: TestStation
  const root = <T>(method: string, path: string, body?: unknown) => ward.admin.ask<T>(method, `${ward.http}${path}`, body)

  beforeAll(async () => {
    postgres = await startPostgres()
    ward = await startStation({ databaseUrl: await postgres.database(), ihpApi: true })
    await ward.admin.post('/devices', { id: 'hl7-IHP' })
    await run(ward.databaseUrl, [`insert into hl7_sender (name, device_no) select 'IHP', no from device where id = 'hl7-IHP'`])
    for (const n of [0, 2, 1]) {
      await rows(ward.databaseUrl, `insert into hl7_message (received_at, sender_no, control_id, digest, kind, first_seq, raw, done) select now(), no, $1, $1, 'ORU^R01', 1, $2, true from hl7_sender`, [Buffer.from(`M${n}`), Buffer.from(message(n))])
    }
  }, 120_000)
  afterAll(async () => {
    await ward?.stop()
    await postgres?.stop()
  })

  it('how a source is read is seen and changed by who looks after integrations', async () => {
    const { sources } = await ward.admin.get<Hl7SourceList>('/hl7-sources')
    expect(sources).toMatchObject([{ deviceId: 'hl7-IHP', name: 'IHP', ack: 'auto', offsetMinutes: 0, givenFirst: false, charset: 'windows-1252', messages: 3, withFindings: 0 }])
    expect(await ward.admin.patch<Hl7Source>('/hl7-sources/hl7-IHP', { ack: 'original', offsetMinutes: 60, charset: 'gb18030' })).toMatchObject({ ack: 'original', offsetMinutes: 60, givenFirst: false, charset: 'gb18030' })
    expect((await ward.admin.ask('PATCH', '/hl7-sources/hl7-IHP', { charset: 'ebcdic' })).status).toBe(400)
    expect((await ward.admin.ask('PATCH', '/hl7-sources/nobody', { ack: 'none' })).status).toBe(404)
    expect((await ward.admin.get<AuditList>('/audit?action=hl7_source')).entries[0]).toMatchObject({ deviceId: 'hl7-IHP', detail: { ack: 'original' } })
  })

  it('a patient is registered under the next number, and a document has every row by what and when it was measured, newest first', async () => {
    expect(await root('POST', '/register', { name: 'Jane', surname: 'Doe', birthDate: '1980-01-01', sex: 'female' })).toMatchObject({ status: 201, body: { message: 'Patient n°000-00-0000 registered successfully' } })
    expect((await root<{ message: string }>('POST', '/register', { name: 'John', surname: 'Roe', birthDate: '1970-05-05', sex: 'male' })).body.message).toContain('000-00-0001')
    const sexes = { F: 'Female', m: 'Male', Male: 'Male', '': '', '?': '' }
    for (const [i, [sex, shown]] of Object.entries(sexes).entries()) {
      expect((await root('POST', '/register', { name: 'Sex', surname: 'Of', birthDate: '1970-05-05', sex })).status).toBe(201)
      expect((await root<IhpDocument>('GET', `/analytics/000-00-000${i + 2}`)).body.PatientInfo.Sex, sex).toBe(shown)
    }
    const { body } = await root<IhpDocument>('GET', '/analytics/000-00-0000')
    expect(body.PatientInfo).toEqual({ PatientID: '000-00-0000', PatientName: 'JANE DOE', DateOfBirth: '1980-01-01', Sex: 'Female' })
    const glucose = body.Records.filter(({ ObservationID }) => ObservationID === '2339-0^Glucose')
    expect(glucose.map(({ ObservationValue, Timestamp }) => [ObservationValue, Timestamp])).toEqual([2, 1, 0].map((n) => [`18${n}`, `2026-03-01T10:00:0${n}.000Z`]))
    expect(glucose[0]).toMatchObject({ Units: 'mg/dL', ReferenceRange: '70_105', AbnormalFlags: 'H' })
    expect(body.Records).toHaveLength(6)
    const documents = (await root<IhpDocument[]>('GET', '/documents')).body
    expect(documents.map(({ PatientInfo, Records }) => [PatientInfo.PatientName, Records.length])).toEqual([['JANE DOE', 6], ['JOHN ROE', 0], ...Object.keys(sexes).map(() => ['SEX OF', 0])])
    expect((await ward.admin.get<PatientList>('/patients?q=000-00')).patients).toHaveLength(2 + Object.keys(sexes).length)
  })

  it('recording needs no start here, and the answers are those a front end waits for', async () => {
    expect((await root('GET', '/recording/000-00-0000')).body).toEqual({ message: 'Recording started' })
    expect((await root('GET', '/recording/stop')).body).toEqual({ message: 'Recording ended' })
  })

  it('nobody reads without sign-in, nothing outside is reached, and it is all written down', async () => {
    for (const path of ['/documents', '/analytics/000-00-0000', '/recording/1']) expect((await apiWith(ward.http, '').ask('GET', `${ward.http}${path}`)).status).toBe(401)
    expect((await root('GET', '/analytics/..%2f..%2fetc%2fpasswd')).status).toBe(400)
    expect((await root('GET', '/analytics/999-99-9999')).status).toBe(404)
    expect((await ward.admin.get<AuditList>('/audit?action=ihp')).entries.map(({ action }) => action)).toEqual(expect.arrayContaining(['ihp.register', 'ihp.analytics', 'ihp.documents', 'ihp.recording']))
  })
})
