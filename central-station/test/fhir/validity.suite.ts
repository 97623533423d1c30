import { describe, expect, it } from 'vitest'
import { until } from '@vigil/ops/testing'
import { fhir, type Json, resourcesOf, START_MS, ward } from './ward.ts'
import { validate } from './validators.ts'

const at = (s: number) => new Date(START_MS + s * 1_000).toISOString()

describe('two validators find nothing wrong', () => {
  const found = async (path: string) => resourcesOf((await fhir(ward, path)).body)
  const clean = (resources: readonly Json[]) => {
    expect(resources.length).toBeGreaterThan(0)
    for (const resource of resources) expect({ resource, wrong: validate(resource) }).toEqual({ resource, wrong: [] })
  }

  it('with what they are for: they do find a wrong unit of a profile, a missing category, an unknown status', async () => {
    const [right] = await found(`/Observation?patient=${ward.ada.patient.id}&code=9279-1&_count=1`)
    const { category: _, ...without } = right as Json & { category: unknown }
    expect(validate(without)).not.toEqual([])
    expect(validate({ ...right, status: 'measured' })).not.toEqual([])
    expect(validate({ ...right, effectiveDateTime: 'just now' })).not.toEqual([])
    expect(validate({ ...right, subject: undefined })).not.toEqual([])
    expect(validate({ ...right, colour: 'red' })).not.toEqual([])
  })

  it.each(['Patient', 'Encounter', 'Device', 'DeviceMetric', 'Flag'])('in %s', async (type) => {
    clean(await found(`/${type}?_count=20`))
  })

  it('in AuditEvent, of every action there was', async () => {
    const all = await found('/AuditEvent?_count=1000')
    const byAction = new Map(all.map((event) => [JSON.stringify((event as Json & { subtype: unknown }).subtype), event]))
    expect(byAction.size).toBeGreaterThan(5)
    clean([...byAction.values()])
  })

  it('in Observation, of every group, with values, without, questionable, typed in, and the score', async () => {
    await ward.station.admin.post(`/stays/${ward.ada.stay.id}/observations`, { consciousness: 'V', oxygen: true, sys: 118, temp: 37.2 })
    const some = await found(`/Observation?patient=${ward.ada.patient.id}&date=ge${at(598)}&date=le${at(610)}&_count=1000`)
    const rare = await until('the score with what was typed in', 10_000, async () => {
      const all = await found(`/Observation?patient=${ward.ada.patient.id}&code=85354-9,76531-3,67775-7,57485005,1104051000000101&_count=20`)
      return all.some(({ code }) => code.coding[0]?.code === '1104051000000101') ? all : undefined
    })
    const typed = await found(`/Observation?patient=${ward.ada.patient.id}&date=ge2026-06&_count=20`)
    const codes = new Set([...some, ...rare, ...typed].map(({ code }) => code.coding[0]?.code))
    expect(codes).toEqual(new Set(['8867-4', '2708-6', '9279-1', '8310-5', '85354-9', '76531-3', '67775-7', '57485005', '1104051000000101']))
    clean([...some, ...rare, ...typed])
    const panel = rare.find(({ code }) => code.coding[0]?.code === '85354-9')
    expect(panel?.component.slice(0, 2).map(({ code }) => code.coding[0]?.code)).toEqual(['8480-6', '8462-4'])
  })

  it('in Subscription', async () => {
    const body = JSON.stringify({ resourceType: 'Subscription', criteria: 'Flag?status=active', reason: 'test', channel: { type: 'rest-hook', endpoint: 'http://127.0.0.1:9/nobody' } })
    const { body: made } = await fhir(ward, '/Subscription', { method: 'POST', headers: { 'content-type': 'application/fhir+json' }, body })
    clean([made, ...(await found('/Subscription'))])
    await fhir(ward, `/Subscription/${made.id}`, { method: 'DELETE' })
  })

  it('in the description of the server, its errors and a whole page', async () => {
    clean([(await fhir(ward, '/metadata')).body, (await fhir(ward, '/Nothing')).body, (await fhir(ward, `/Observation?patient=${ward.ada.patient.id}&_count=3&_include=Observation:patient&colour=red`)).body])
  })
})
