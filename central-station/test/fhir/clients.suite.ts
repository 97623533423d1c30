import { describe, expect, it } from 'vitest'
import { KitClient, medplum, smart } from './foreign.ts'
import { type Json, resourcesOf, START_MS, ward } from './ward.ts'

const at = (s: number) => new Date(START_MS + s * 1_000).toISOString()

/** Clients that others wrote, as they come: each reads, searches, follows pages, and is told of an error. */
describe('fhirclient', () => {
  const client = () => smart({}, {}, {}).client({ serverUrl: ward.base, tokenResponse: { access_token: ward.token, token_type: 'Bearer', patient: ward.ada.patient.id } })

  it('reads its patient, follows pages and resolves references', async () => {
    expect(await client().patient.read()).toMatchObject({ resourceType: 'Patient', birthDate: '1815-12-10' })
    const pages = await client().request<Json[]>({ url: `Observation?patient=${ward.ada.patient.id}&code=http://loinc.org|9279-1&date=ge${at(0)}&date=lt${at(250)}&_count=100` }, { pageLimit: 0, flat: false })
    const times = pages.flatMap((page) => resourcesOf(page).map((one) => one.effectiveDateTime))
    expect([pages.length, new Set(times).size]).toEqual([3, 250])
    const resolved = await client().request<{ subject: Json }>(`Observation/${pages[0] && resourcesOf(pages[0])[0]?.id}`, { resolveReferences: 'subject' })
    expect(resolved.subject).toMatchObject({ resourceType: 'Patient', id: ward.ada.patient.id })
  })

  it('is told what is wrong', async () => {
    await expect(client().request('Patient/00000000-0000-7000-8000-000000000000')).rejects.toThrow(/There is no Patient/)
  })
})

describe('fhir-kit-client', () => {
  const client = () => new KitClient({ baseUrl: ward.base, bearerToken: ward.token })

  it('reads the description, searches by GET and POST, and turns the page', async () => {
    expect(await client().capabilityStatement()).toMatchObject({ resourceType: 'CapabilityStatement' })
    expect(await client().read({ resourceType: 'Encounter', id: ward.ada.stay.id })).toMatchObject({ status: 'in-progress' })
    const searchParams = { patient: ward.ada.patient.id, code: '8310-5', _sort: 'date', _count: 2 }
    const first = await client().search({ resourceType: 'Observation', searchParams })
    const posted = await client().search({ resourceType: 'Observation', searchParams, options: { postSearch: true } })
    expect(resourcesOf(posted).map(({ id }) => id)).toEqual(resourcesOf(first).map(({ id }) => id))
    const second = await client().nextPage({ bundle: first })
    expect([...resourcesOf(first), ...resourcesOf(second)].map((one) => one.effectiveDateTime)).toEqual([0, 1, 2, 3].map(at))
  })

  it('runs an operation, and is told what is wrong', async () => {
    const newest = await client().operation({ resourceType: 'Observation', name: '$lastn', method: 'GET', input: { patient: ward.ada.patient.id, category: 'vital-signs' } })
    expect(resourcesOf(newest).length).toBeGreaterThanOrEqual(5)
    await expect(client().read({ resourceType: 'Patient', id: 'nobody' })).rejects.toMatchObject({ response: { status: 404, data: { resourceType: 'OperationOutcome' } } })
  })
})

describe('MedplumClient', () => {
  const client = () => new medplum.MedplumClient({ baseUrl: `${ward.station.http}/`, fhirUrlPath: 'fhir/', accessToken: ward.token, cacheTime: 0 })

  it('reads, searches, takes pages one by one', async () => {
    expect(await client().readResource('Patient', ward.ada.patient.id)).toMatchObject({ gender: 'female' })
    expect(await client().searchOne('Device', 'identifier=board_1')).toMatchObject({ id: 'board.1' })
    expect(await client().searchResources('Flag', { status: 'active' })).toEqual(expect.any(Array))
    let [pages, told] = [0, 0]
    for await (const page of client().searchResourcePages('Observation', { patient: ward.ada.patient.id, code: '9279-1', date: `lt${at(30)}`, _count: '10' })) {
      pages++
      told += page.length
    }
    expect([pages, told]).toEqual([3, 30])
  })

  it('takes the whole record, and is told what is wrong', async () => {
    const everything = await client().readPatientEverything(ward.ada.patient.id)
    expect(resourcesOf(everything)[0]).toMatchObject({ resourceType: 'Patient' })
    await expect(client().readResource('Encounter', '00000000-0000-7000-8000-000000000000')).rejects.toThrow(/There is no Encounter/)
  })
})
