import { describe, expect, it } from 'vitest'
import type { MonitoringNow } from '@vigil/contract'
import { until } from '@vigil/ops/testing'
import { fhir, nextOf, resourcesOf, START_MS, ward } from './ward.ts'

const get = (path: string, headers: Record<string, string> = {}) => fhir(ward, path, { headers })
const adas = () => `patient=${ward.ada.patient.id}`
const at = (s: number) => new Date(START_MS + s * 1_000).toISOString()

describe('reading one resource', () => {
  it('a patient, as entered and without the note', async () => {
    const { status, headers, body } = await get(`/Patient/${ward.ada.patient.id}`)
    expect(status).toBe(200)
    expect(headers.get('content-type')).toBe('application/fhir+json; charset=utf-8')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(body).toMatchObject({ resourceType: 'Patient', gender: 'female', birthDate: '1815-12-10', name: [{ family: 'Byron', given: ['Ada', 'Augusta'], prefix: ['Dr'] }], identifier: [{ value: 'H-1815' }] })
    expect(body.meta).not.toHaveProperty('tag')
  })

  it('answers 304 to a client that has this version', async () => {
    const { headers } = await get(`/Patient/${ward.ada.patient.id}`)
    const again = await get(`/Patient/${ward.ada.patient.id}`, { 'if-none-match': headers.get('etag') ?? '' })
    expect([again.status, again.body]).toEqual([304, {}])
  })

  it('what is not real is labelled as test data', async () => {
    const label = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'HTEST', display: 'test health data' }
    for (const path of [`/Patient/${ward.demo.patient.id}`, `/Encounter/${ward.demo.stay.id}`, '/Device/show-1']) expect((await get(path)).body.meta).toMatchObject({ tag: [label] })
  })

  it('an Observation found by a search is the same when read by its id', async () => {
    const { body } = await get(`/Observation?${adas()}&_count=20`)
    for (const found of resourcesOf(body)) expect((await get(`/Observation/${found.id}`)).body).toEqual(found)
  })

  it('a device whose name FHIR could not write as an id', async () => {
    expect((await get('/Device/board.1')).body).toMatchObject({ identifier: [{ value: 'board_1' }], status: 'active', patient: { reference: `Patient/${ward.ada.patient.id}` } })
  })
})

describe('searching Observations', () => {
  const codes = async (query: string) => [...new Set(resourcesOf((await get(`/Observation?${adas()}&_count=50&${query}`)).body).map((one) => one.code.coding[0]?.code))]

  it('by patient written in every way, by code with and without system', async () => {
    const one = async (query: string) => resourcesOf((await get(`/Observation?${query}&code=9279-1&_count=1`)).body).length
    expect(await one(adas())).toBe(1)
    expect(await one(`subject=Patient/${ward.ada.patient.id}`)).toBe(1)
    expect(await one(`patient=${encodeURIComponent(`${ward.base}/Patient/${ward.ada.patient.id}`)}`)).toBe(1)
    expect(await one('patient=nobody')).toBe(0)
    expect(await codes('code=59408-5')).toEqual(['2708-6'])
    expect(await codes('code=http://loinc.org|2708-6')).toEqual(['2708-6'])
    expect(await codes('code=urn:iso:std:iso:11073:10101|150456')).toEqual(['2708-6'])
    expect(await codes('code=http://snomed.info/sct|2708-6')).toEqual([])
    expect(new Set(await codes('code=8867-4,9279-1'))).toEqual(new Set(['8867-4', '9279-1']))
    expect(await codes('code=8480-6')).toEqual([])
    expect(await codes('combo-code=8480-6')).toEqual(['85354-9'])
    expect(await codes('category=procedure')).toEqual(['76531-3'])
    expect(await codes(`device=Device/board.1&code=8310-5`)).toEqual(['8310-5'])
    expect(await codes('device=show-1')).toEqual([])
    expect(await codes(`encounter=${ward.ada.stay.id}&code=8310-5`)).toEqual(['8310-5'])
  })

  it('by date, with prefixes and both ends', async () => {
    const times = async (query: string) => resourcesOf((await get(`/Observation?${adas()}&code=9279-1&_count=1000&${query}`)).body).map((one) => one.effectiveDateTime)
    expect(await times(`date=ge${at(10)}&date=lt${at(13)}&_sort=date`)).toEqual([at(10), at(11), at(12)])
    expect(await times(`date=${at(10).slice(0, 19)}Z`)).toEqual([at(10)])
    expect(await times(`date=gt${at(1_197)}`)).toEqual([at(1_199), at(1_198)])
    expect(await times(`date=2026-03-01T11:19`)).toHaveLength(60)
    expect(await times('date=2025')).toEqual([])
    expect(await times(`_lastUpdated=ge${at(1_199)}`)).toEqual([at(1_199)])
  })

  it('says why a value is absent, and that a questionable one is not final', async () => {
    const slipped = resourcesOf((await get(`/Observation?${adas()}&code=2708-6&date=${at(600).slice(0, 19)}Z`)).body)[0]
    expect(slipped).toMatchObject({ status: 'final', dataAbsentReason: { coding: [{ code: 'not-performed' }, { system: 'urn:vigil:absence', code: 'off' }] } })
    expect(slipped).not.toHaveProperty('valueQuantity')
    const moved = resourcesOf((await get(`/Observation?${adas()}&code=2708-6&status=preliminary&_count=1`)).body)[0]
    expect(moved).toMatchObject({ status: 'preliminary', valueQuantity: { value: 97, code: '%' }, note: [{ text: 'Questionable: motion' }] })
  })

  it('a blood pressure is one Observation with its components', async () => {
    const [pressure] = resourcesOf((await get(`/Observation?${adas()}&code=85354-9&_count=1`)).body)
    expect(pressure?.component.map((part) => [part.code.coding[0]?.code, part.valueQuantity?.value])).toEqual([['8480-6', 121], ['8462-4', 79], ['8478-0', 93]])
  })

  it('POST _search means the same, and its links can be followed', async () => {
    const form = new URLSearchParams({ patient: ward.ada.patient.id, code: '9279-1', _count: '3', _sort: 'date' })
    const posted = await fhir(ward, '/Observation/_search', { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: form.toString() })
    const got = await get(`/Observation?${form.toString()}`)
    expect([posted.status, posted.body]).toEqual([200, got.body])
    expect(resourcesOf((await get(nextOf(got.body) ?? '')).body).map((one) => one.effectiveDateTime)).toEqual([at(3), at(4), at(5)])
  })

  it('counts when asked, and only then', async () => {
    expect((await get(`/Observation?${adas()}&code=9279-1&_summary=count`)).body).toMatchObject({ total: 1_200 })
    expect((await get(`/Observation?${adas()}&code=9279-1&_count=2&_total=accurate`)).body).toMatchObject({ total: 1_200 })
    expect((await get(`/Observation?${adas()}&code=9279-1&_count=2`)).body).not.toHaveProperty('total')
  })

  it('brings along what is referred to', async () => {
    const { body } = await get(`/Observation?${adas()}&code=9279-1&_count=5&_include=Observation:patient&_include=Observation:device:Device`)
    expect(resourcesOf(body, 'include').map((one) => `${one.resourceType}/${one.id}`).toSorted()).toEqual(['Device/board.1', `Patient/${ward.ada.patient.id}`])
  })

  it('sends the elements asked for, and says so', async () => {
    const [narrow] = resourcesOf((await get(`/Observation?${adas()}&code=9279-1&_count=1&_elements=valueQuantity`)).body)
    expect(narrow).toMatchObject({ valueQuantity: { value: 14 }, meta: { tag: [{ code: 'SUBSETTED' }] } })
    expect(narrow).not.toHaveProperty('device')
  })
})

describe('alarms as flags', () => {
  const flags = async (query: string) => resourcesOf((await get(`/Flag?${adas()}&${query}`)).body).map(({ code }) => code.coding.at(-1)?.code)

  it('are found by state, kind and time, and say what the matter was', async () => {
    expect(await flags('_sort=date')).toEqual(['low:spo2', 'high:pr', 'probe_off:spo2'])
    expect(await flags('status=active&category=clinical')).toEqual(['high:pr'])
    expect(await flags('category=safety')).toEqual(['probe_off:spo2'])
    expect(await flags(`date=${at(130).slice(0, 19)}Z`)).toEqual([])
    expect(await flags(`date=le${at(130)}&status=inactive`)).toEqual(['low:spo2'])
    const [over] = resourcesOf((await get(`/Flag?${adas()}&status=inactive`)).body)
    expect(over).toMatchObject({ status: 'inactive', code: { coding: [{ code: '196674', display: 'MDC_EVT_LO_VAL_LT_LIM' }, { code: 'low:spo2' }], text: 'SpO2 82 %, below 90' }, period: { start: at(100), end: at(160) }, author: { reference: 'Device/board.1' } })
  })

  it('come along with their patient', async () => {
    const { body } = await get(`/Patient?_id=${ward.ada.patient.id}&_revinclude=Flag:patient&_revinclude=Encounter:patient`)
    expect(resourcesOf(body, 'include').map(({ resourceType }) => resourceType)).toEqual(['Flag', 'Flag', 'Flag', 'Encounter'])
  })
})

describe('a pause of monitoring', () => {
  it('is a flag beside the alarms, so that silence is no calm: active until it is over, with who and why', async () => {
    const paused = async () => resourcesOf((await get(`/Flag?${adas()}&category=safety`)).body).find(({ code }) => code.coding.at(-1)?.code === 'monitoring_paused')
    const pause = `/stays/${ward.ada.stay.id}/monitoring-pause`
    const { until: planned = '' } = (await ward.station.admin.ask<MonitoringNow>('PUT', pause, { reason: 'transport', minutes: 10 })).body
    const during = await until('the flag', 20_000, paused)
    expect(during).toMatchObject({ status: 'active', code: { coding: [{ code: '68483', display: 'MDC_ATTR_ALARM_INACTIVATION_STATE' }, { code: 'monitoring_paused' }], text: 'Monitoring paused: transport' }, period: { end: planned }, encounter: { reference: `Encounter/${ward.ada.stay.id}` } })
    expect(during?.extension).toEqual([{ url: 'urn:vigil:extension:alarm-inactivation-state', valueCode: 'alarm-paused' }, { url: 'urn:vigil:extension:monitoring-paused-by', valueString: 'admin' }])
    expect((await get(`/Flag/${during?.id}`)).body).toEqual(during)
    await ward.station.admin.ask('DELETE', pause)
    const over = await until('its end', 20_000, async () => {
      const flag = await paused()
      return flag?.status === 'inactive' ? flag : undefined
    })
    expect(over).toMatchObject({ id: during?.id, meta: { versionId: '2' } })
    expect(Date.parse(over.period.end)).toBeLessThan(Date.parse(planned))
  })
})

describe('what a device measures', () => {
  it('is told with unit, source and whether it is on', async () => {
    const metrics = resourcesOf((await get('/DeviceMetric?source=Device/board.1')).body)
    expect(metrics.map(({ id }) => id.split('.')[1])).toEqual(['batt', 'pr', 'rr', 'rrppg', 'spo2', 'temp'])
    expect(metrics[4]).toMatchObject({ category: 'measurement', unit: { coding: [{ code: '%' }] }, source: { reference: 'Device/board.1' } })
    expect((await get('/Device/board.1')).body).toMatchObject({ modelNumber: 'rpi-zero2', version: [{ value: '1.4.0' }] })
  })
})

describe('$lastn', () => {
  it('gives the newest of each code, blood pressure as one, also what comes seldom', async () => {
    const { body } = await get(`/Observation/$lastn?${adas()}&category=vital-signs`)
    const newest = Object.fromEntries(resourcesOf(body).map((one) => [one.code.coding[0]?.code, one.effectiveDateTime]))
    expect(newest).toEqual({ '2708-6': at(1_199), '8310-5': at(1_199), '8867-4': at(1_199), '9279-1': at(1_199), '85354-9': at(900) })
  })

  it('gives as many of each as asked for', async () => {
    const { body } = await get(`/Observation/$lastn?${adas()}&code=85354-9,9279-1&max=3`)
    expect(resourcesOf(body).map((one) => one.effectiveDateTime)).toEqual([at(900), at(600), at(300), at(1_199), at(1_198), at(1_197)])
  })

  it('wants to know whose and of what', async () => {
    expect((await get('/Observation/$lastn?category=vital-signs')).status).toBe(400)
    expect((await get(`/Observation/$lastn?${adas()}`)).status).toBe(400)
  })
})

describe('Patient/$everything', () => {
  it('tells the whole record kind by kind, each thing once', async () => {
    const names: string[] = []
    let path: string | undefined = `/Patient/${ward.ada.patient.id}/$everything?_count=400&start=${at(1_000)}&end=${at(1_099)}`
    for (let pages = 0; path !== undefined && pages < 20; pages++) {
      const { status, body } = await get(path)
      expect(status).toBe(200)
      names.push(...resourcesOf(body).map((one) => `${one.resourceType}/${one.id}`))
      path = nextOf(body)
    }
    expect(new Set(names).size).toBe(names.length)
    expect(names.slice(0, 3)).toEqual([`Patient/${ward.ada.patient.id}`, `Encounter/${ward.ada.stay.id}`, 'Device/board.1'])
    expect(names.filter((name) => name.startsWith('Observation/s.')).length).toBe(100 * 4 + 1)
    expect((await get('/Patient/00000000-0000-7000-8000-000000000000/$everything')).status).toBe(404)
  })
})
