import { describe, expect, it } from 'vitest'
import type { AccessTokenCreated, AuditEntry } from '@vigil/contract'
import { fhir, resourcesOf, ward } from './ward.ts'

describe('every refusal is an OperationOutcome', () => {
  const NOBODY = '00000000-0000-7000-8000-000000000000'
  it.each([
    ['who does not say who it is', '/Patient', { headers: { authorization: '' } }, 401, 'login', 'UNAUTHENTICATED'],
    ['a token nobody knows', '/Patient', { headers: { authorization: 'Bearer vigil_0123456789012345678901234567890123456789012' } }, 401, 'login', 'UNAUTHENTICATED'],
    ['what is not there', `/Patient/${NOBODY}`, {}, 404, 'not-found', 'NOT_FOUND'],
    ['an id that names nothing', '/Observation/s.1.x.1.1.pr', {}, 404, 'not-found', 'NOT_FOUND'],
    ['an id that can be none', '/Patient/..%2Fetc', {}, 400, 'invalid', 'INVALID_REQUEST'],
    ['a kind that is not served', '/Medication/1', {}, 404, 'not-found', 'NOT_FOUND'],
    ['XML by the Accept header', '/Patient', { headers: { accept: 'application/fhir+xml' } }, 406, 'not-supported', 'NOT_ACCEPTABLE'],
    ['XML by _format', '/Patient?_format=xml', {}, 406, 'not-supported', 'NOT_ACCEPTABLE'],
    ['another version of FHIR', '/Patient', { headers: { accept: 'application/fhir+json; fhirVersion=3.0' } }, 406, 'not-supported', 'NOT_ACCEPTABLE'],
    ['writing what is measured', '/Observation', { method: 'POST', headers: { 'content-type': 'application/fhir+json' }, body: '{}' }, 405, 'not-supported', 'METHOD_NOT_ALLOWED'],
    ['changing a patient', `/Patient/${NOBODY}`, { method: 'PUT', headers: { 'content-type': 'application/fhir+json' }, body: '{}' }, 405, 'not-supported', 'METHOD_NOT_ALLOWED'],
    ['a body that is no JSON', '/Observation', { method: 'POST', headers: { 'content-type': 'application/fhir+json' }, body: '{' }, 400, 'structure', 'MALFORMED_JSON'],
    ['a search in XML', '/Observation/_search', { method: 'POST', headers: { 'content-type': 'text/xml' }, body: '<a/>' }, 415, 'not-supported', 'UNSUPPORTED_MEDIA_TYPE'],
    ['a subscription to nothing', '/Subscription', { method: 'POST', headers: { 'content-type': 'application/fhir+json' }, body: JSON.stringify({ resourceType: 'Subscription', criteria: 'Medication?code=1', channel: { type: 'rest-hook', endpoint: 'http://127.0.0.1/' } }) }, 400, 'invalid', 'INVALID_REQUEST'],
    ['a subscription that would speak to this house', '/Subscription', { method: 'POST', headers: { 'content-type': 'application/fhir+json' }, body: JSON.stringify({ resourceType: 'Subscription', criteria: 'Patient', channel: { type: 'rest-hook', endpoint: 'http://169.254.169.254/latest' } }) }, 422, 'processing', 'OUTBOUND_ADDRESS'],
    ['a date that is none', '/Observation?date=yesterday', {}, 400, 'invalid', 'INVALID_REQUEST'],
    ['a day that is none', '/Observation?date=2026-02-31', {}, 400, 'invalid', 'INVALID_REQUEST'],
    ['a count that is none', '/Observation?_count=many', {}, 400, 'invalid', 'INVALID_REQUEST'],
    ['a cursor made up', '/Observation?_cursor=abc', {}, 400, 'invalid', 'INVALID_REQUEST'],
    ['a parameter nobody knows, to a strict client', '/Observation?colour=red', { headers: { prefer: 'handling=strict' } }, 400, 'invalid', 'INVALID_REQUEST'],
    ['an include that is not offered, to a strict client', '/Observation?_include=Observation:performer', { headers: { prefer: 'handling=strict' } }, 400, 'invalid', 'INVALID_REQUEST'],
  ])('%s', async (_what, path, init, status, issue, code) => {
    const answer = await fhir(ward, path, init)
    expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'application/fhir+json; charset=utf-8'])
    expect(answer.body).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: issue, details: { coding: [{ system: 'urn:vigil:error', code }] } }] })
    expect(answer.body.issue[0]?.details.text).toMatch(/^[A-Z0-9"$_].*\.$/)
    if (status === 401) expect(answer.headers.get('www-authenticate')).toBe('Bearer')
  })

  it('and so is having asked too often', async () => {
    const { token } = await ward.station.admin.post<AccessTokenCreated>('/tokens', { name: 'hasty', rights: ['device:read'] })
    // Connections kept open: a thousand new ones would be what is measured.
    const ask = async () => {
      const response = await fetch(`${ward.base}/metadata`, { headers: { authorization: `Bearer ${token}` } })
      await response.arrayBuffer()
      return response.status
    }
    for (let i = 0, status = 200; status === 200 && i < 55; i++) status = (await Promise.all(Array.from({ length: 20 }, ask))).at(-1) ?? status
    const answer = await fhir({ ...ward, token }, '/metadata')
    expect([answer.status, answer.body.issue[0]?.code]).toEqual([429, 'throttled'])
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
  }, 60_000)
})

describe('a lenient server', () => {
  it('names what it did not use, and leaves it out of the links', async () => {
    const { status, body } = await fhir(ward, '/Patient?colour=red&gender=female')
    expect(status).toBe(200)
    expect(body.link).toEqual([{ relation: 'self', url: `${ward.base}/Patient?gender=female` }])
    expect(resourcesOf(body, 'outcome')[0]?.issue).toMatchObject([{ severity: 'warning', details: { text: 'There is no search parameter colour here.' } }])
    expect(resourcesOf(body)).toHaveLength(1)
  })

  it('answers in the form the client can read', async () => {
    const type = async (accept: string) => (await fhir(ward, '/metadata', { headers: { accept } })).headers.get('content-type')
    expect(await type('application/json')).toBe('application/json; charset=utf-8')
    expect(await type('application/fhir+json, application/json;q=0.9')).toBe('application/fhir+json; charset=utf-8')
    expect(await type('*/*')).toBe('application/fhir+json; charset=utf-8')
  })
})

describe('who may read what', () => {
  const tokenFor = async (name: string, rights: readonly string[], wards?: readonly string[]) => (await ward.station.admin.post<AccessTokenCreated>('/tokens', { name, rights, ...(wards ? { wards } : {}) })).token

  it('the description needs no sign-in', async () => {
    expect((await fhir({ ...ward, token: '' }, '/metadata', { headers: { authorization: '' } })).body).toMatchObject({ resourceType: 'CapabilityStatement', fhirVersion: '4.0.1' })
  })

  it('each kind takes its right, also when it would only be brought along', async () => {
    const token = await tokenFor('history', ['history:read'])
    expect((await fhir({ ...ward, token }, '/Patient')).body).toMatchObject({ issue: [{ code: 'forbidden', details: { coding: [{ code: 'FORBIDDEN' }] } }] })
    const { status, body } = await fhir({ ...ward, token }, '/Observation?code=9279-1&_count=1&_include=Observation:patient')
    expect([status, resourcesOf(body, 'include')]).toEqual([200, []])
    expect(resourcesOf(body, 'outcome')[0]?.issue[0]?.details.text).toMatch(/patient:read/)
  })

  it('a token of one ward sees nobody of another', async () => {
    const token = await tokenFor('show', ['patient:read', 'history:read', 'device:read'], ['show'])
    const ids = async (path: string) => resourcesOf((await fhir({ ...ward, token }, path)).body).map(({ id }) => id)
    expect(await ids('/Patient')).toEqual([ward.demo.patient.id])
    expect(await ids('/Encounter')).toEqual([ward.demo.stay.id])
    expect(await ids('/Device')).toEqual(['show-1'])
    expect(await ids(`/Observation?patient=${ward.ada.patient.id}`)).toEqual([])
    const [measured] = resourcesOf((await fhir(ward, `/Observation?patient=${ward.ada.patient.id}&_count=1`)).body)
    for (const path of [`/Patient/${ward.ada.patient.id}`, `/Encounter/${ward.ada.stay.id}`, '/Device/board.1', `/Observation/${measured?.id}`, `/Patient/${ward.ada.patient.id}/$everything`]) expect((await fhir({ ...ward, token }, path)).status).toBe(404)
  })

  it('every read is in the audit, with the patient, and names only what names nobody', async () => {
    const token = await tokenFor('audited', ['patient:read', 'history:read'])
    await fhir({ ...ward, token }, `/Patient/${ward.ada.patient.id}`)
    await fhir({ ...ward, token }, '/Patient?name=Byron')
    await fhir({ ...ward, token }, `/Observation?patient=${ward.ada.patient.id}&code=9279-1&_count=2`)
    await fhir({ ...ward, token }, `/Observation/$lastn?patient=${ward.ada.patient.id}&category=vital-signs`)
    const { entries } = await ward.station.admin.get<{ entries: AuditEntry[] }>('/audit?user=token:audited')
    expect(entries.map(({ action, patientId }) => [action, patientId]).toReversed()).toEqual([['fhir.read', ward.ada.patient.id], ['fhir.search', ward.ada.patient.id], ['fhir.search', ward.ada.patient.id], ['fhir.lastn', ward.ada.patient.id]])
    expect(JSON.stringify(entries)).not.toContain('Byron')
    const events = resourcesOf((await fhir(ward, `/AuditEvent?patient=${ward.ada.patient.id}&subtype=fhir.read`)).body)
    expect(events[0]).toMatchObject({ action: 'R', outcome: '0', agent: [{ requestor: false }, { requestor: false }, { requestor: true, who: { identifier: { value: 'token:audited' } } }], meta: { profile: ['https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.PatientRead'] } })
  })
})
