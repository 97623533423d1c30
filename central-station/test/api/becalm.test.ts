import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rows, run, startPostgres, type TestPostgres } from '../support/postgres.ts'
import { startStation, type TestStation } from '../support/station.ts'

let postgres: TestPostgres
let ward: TestStation
beforeAll(async () => {
  postgres = await startPostgres()
  ward = await startStation({ databaseUrl: await postgres.database(), becalm: { stations: '2:1=becalm-1,3:2=not-registered', origin: 'http://front.example:3000' } })
  await ward.admin.post('/devices', { id: 'becalm-1', label: 'Bed 4' })
})
afterAll(async () => {
  await ward?.stop()
  await postgres?.stop()
})

const door = () => `http://127.0.0.1:${ward.station.becalmPort}/v100`
const post = (body: unknown, path = '/data-sensor/2?id_device=1') => fetch(`${door()}${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
const inbox = async () => (await rows<{ objects: { e: string; s: number; t: number; m: Record<string, number> }[] }>(ward.databaseUrl, 'select objects from door_inbox order by id')).flatMap(({ objects }) => objects)

/** What `broker.py` of a station sends every five seconds. */
const asStation = (at: Date, values: Record<string, number>) => Object.entries(values).map(([measure_type, measure_value]) => ({ measure_type, measure_value, date_generation: at.toISOString().replace('Z', '000+00:00') }))

describe('a station of becalm', () => {
  const at = new Date(Date.now() - 4_000)
  const body = asStation(at, { t: 36.4, p: 1013.2, a: 3.1, q: 1011.9, b: 14.2 })

  it('posts what it always posted; it is committed for the durable lane and reads back as it was sent', async () => {
    const answer = await post(body)
    expect([answer.status, await answer.json()]).toEqual([201, { stored: 5, known: 0, refused: [] }])
    expect(await inbox()).toMatchObject([{ e: expect.stringMatching(/^becalm\d+$/), t: at.getTime(), m: { temp: 36.4, pamb: 1013.2, becalm_range: 3.161, becalm_peep_abs: 1011.9, rr: 14.2 } }])
    const [read] = (await (await fetch(`${door()}/data-sensor/2`)).json()) as { id_patient: number; measures: { measure_type: string; measure_value: number; date_generation: string }[] }[]
    expect(read?.id_patient).toBe(2)
    expect(Object.fromEntries(read?.measures.map((one) => [one.measure_type, one.measure_value]) ?? [])).toEqual({ t: 36.4, p: 1013.2, a: 3.1, q: 1011.9, b: 14.2 })
    expect(read?.measures[0]?.date_generation).toBe(at.toISOString())
    const latest = (await (await fetch(`${door()}/data-sensor/latest`)).json()) as { id_patient: number; measures: unknown[] }[]
    expect(latest.map(({ id_patient, measures }) => [id_patient, measures.length])).toEqual([[2, 5]])
  })

  it('sent again, nothing is stored twice; what comes a moment later is another sample', async () => {
    expect(await (await post(body)).json()).toMatchObject({ stored: 0, known: 5 })
    const later = asStation(new Date(at.getTime() + 300), { h: 71, o: 97 })
    expect(await (await post([...later, { measure_type: 'x' }, null])).json()).toMatchObject({ stored: 2, refused: [{ index: 2, why: 'type' }, { index: 3, why: 'not_an_object' }] })
    expect((await inbox()).map(({ t, m }) => [t, m])).toMatchObject([[at.getTime(), {}], [at.getTime() + 300, { hr: 71, spo2: 97 }]])
    expect(await rows(ward.databaseUrl, `select reason from dead_letter where source = 'becalm' order by id`)).toEqual([{ reason: 'becalm: type' }, { reason: 'becalm: not_an_object' }])
  })

  it('what claims to be of a later day is not the newest value for ever; a time given twice is refused', async () => {
    expect((await post(asStation(new Date('9999-12-31T23:59:59Z'), { h: 33 }))).status).toBe(201)
    const latest = (await (await fetch(`${door()}/data-sensor/latest`)).json()) as { measures: { measure_type: string; measure_value: number }[] }[]
    expect(latest[0]?.measures.find(({ measure_type }) => measure_type === 'h')?.measure_value).toBe(71)
    expect((await fetch(`${door()}/data-sensor/2?start_date=2026-01-01&start_date=2026-01-02`)).status).toBe(400)
  })

  it('a row that was measured longer ago than is kept here is stored once, reads back as it was sent, and is known when it comes again', async () => {
    const then = new Date(at.getTime() - 30 * 86_400_000)
    const old = asStation(then, { b: 14.2, h: 71 })
    const before = (await inbox()).length
    const answers = []
    for (let times = 0; times < 2; times++) answers.push(await (await post(old)).json())
    expect(answers).toMatchObject([{ stored: 2, known: 0 }, { stored: 0, known: 2 }])
    const [read] = (await (await fetch(`${door()}/data-sensor/2?start_date=${then.toISOString()}&end_date=${new Date(then.getTime() + 1).toISOString()}`)).json()) as { measures: { measure_type: string; measure_value: number }[] }[]
    expect(read?.measures.map((one) => [one.measure_type, one.measure_value])).toEqual([['b', 14.2], ['h', 71]])
    // A week later the rows are forgotten here; the durable lane still has its number to take, and then has it for ever.
    const forget = () => run(ward.databaseUrl, [`delete from becalm_measure where measured_at = '${then.toISOString()}'`])
    await forget()
    expect(await (await post(old)).json()).toMatchObject({ stored: 0, known: 2 })
    const [object] = (await inbox()).slice(before)
    expect((await inbox()).slice(before)).toMatchObject([{ m: { rr: 14.2, hr: 71 } }])
    await run(ward.databaseUrl, [`insert into ledger (device_no, epoch, got) select no, '${object?.e}', '{[${object?.s},${object?.s}]}' from device where id = 'becalm-1'`, `delete from door_inbox where objects @> '[{"e":"${object?.e}"}]'`])
    await forget()
    expect(await (await post([...old, ...asStation(new Date(then.getTime() + 5), { b: 15 })])).json()).toMatchObject({ stored: 1, known: 2 })
    expect((await inbox()).slice(before)).toMatchObject([{ m: { rr: 15 } }])
  })

  it('a row that is nested a hundred thousand times is refused alone', async () => {
    const bomb = `[${'['.repeat(100_000)}${']'.repeat(100_000)},${JSON.stringify(asStation(new Date(at.getTime() - 1_700), { h: 72 })[0])}]`
    const answer = await fetch(`${door()}/data-sensor/2?id_device=1`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: bomb })
    expect([answer.status, await answer.json()]).toEqual([201, { stored: 1, known: 0, refused: [{ index: 0, why: 'not_an_object' }] }])
  })

  it('a thousand rows are a batch, a thousand and one are not, and neither is none', async () => {
    const many = (n: number) => Array.from({ length: n }, (_, i) => asStation(new Date(at.getTime() - 60_000 - i * 1_000), { h: 70 })[0])
    expect((await post(many(1_000))).status).toBe(201)
    for (const wrong of [many(1_001), [], { measure_type: 'h' }]) expect((await post(wrong)).status).toBe(400)
    expect((await post(body, '/data-sensor/9?id_device=1')).status).toBe(404)
    expect((await post(body, '/data-sensor/2?id_device=7')).status).toBe(404)
    expect((await post(body, '/data-sensor/..%2f2?id_device=1')).status).toBe(400)
  })

  it('its front end finds patients without names and devices, and may read from its own address', async () => {
    const read = await fetch(`${door()}/patients`, { headers: { origin: 'http://front.example:3000' } })
    expect(read.headers.get('access-control-allow-origin')).toBe('http://front.example:3000')
    expect(await read.json()).toMatchObject([{ id: 2, first_name: '', last_name: '', location_place: 'Bed 4' }])
    expect(await (await fetch(`${door()}/devices`)).json()).toMatchObject([{ id: 1, name: 'becalm-1' }])
    expect((await fetch(`${door()}/../api/v1/patients`)).status).toBe(404)
  })
})
