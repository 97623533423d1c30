import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DeviceCreated } from '@vigil/contract'
import { freePort, startTestPostgres, until } from '@vigil/ops/testing'
import { systemClock } from '@vigil/program'
import { connectAsync, type MqttClient } from 'mqtt'
import { Client } from 'pg'
import type { Api } from '../support/api.ts'
import { killAfterCommit } from '../support/held-commit.ts'
import { publish, subscribe } from '../support/mosquitto.ts'
import { pidOf, type ProgramName } from '../support/processes.ts'
import { startWard, type Ward } from '../support/ward.ts'

const ALINK = { productKey: 'a1TestKey', deviceName: 'esp12f-7', secret: '0123456789abcdef0123456789abcdef' }

describe('a door whose program is killed between COMMIT and answer', () => {
  let postgres: Awaited<ReturnType<typeof startTestPostgres>>
  let databaseUrl: string
  let ward: Ward
  let api: Api
  let database: Client
  const becalmPort = freePort()

  beforeAll(async () => {
    postgres = await startTestPostgres()
    databaseUrl = await postgres.createDatabase()
    ward = await startWard({ DATABASE_URL: databaseUrl, VIGIL_BECALM_PORT: String(await becalmPort), VIGIL_BECALM_STATIONS: '2:1=becalm-1' })
    api = await ward.admin()
    database = new Client({ connectionString: databaseUrl })
    await database.connect()
  }, 180_000)
  afterAll(async () => {
    await database?.end()
    await ward?.end()
    await postgres?.stop()
  })

  const count = async (sql: string, values: unknown[] = []) => Number((await database.query<{ n: string }>(`select count(*) as n from ${sql}`, values)).rows[0]?.n)
  const samplesOf = (device: string) => count('sample s join device d on d.no = s.device_no where d.id = $1', [device])
  const victim = (program: ProgramName) => until(`${program} to run`, 30_000, () => pidOf(ward, program))
  /** Tries what a sender tries until somebody answers again. */
  const again = <T>(what: string, ask: () => Promise<T | undefined>) => until(what, 60_000, () => ask().catch(() => undefined), 200)

  it('Alink: the board that hears nothing says it again, it is stored once, and both are answered', { timeout: 120_000 }, async () => {
    await api.post('/devices', { id: 'esp-7', alink: ALINK })
    const board = await connectAlink(ward)
    const answers: Record<string, unknown>[] = []
    board.on('message', (topic, payload) => topic.endsWith('post_reply') && answers.push(JSON.parse(payload.toString()) as Record<string, unknown>))
    const say = () => board.publish(`/sys/${ALINK.productKey}/${ALINK.deviceName}/thing/event/property/post`, JSON.stringify({ id: '17', params: { HeartRate: 64, SpO2: 97.1, BodyTemperature: 36.5 } }))
    await killAfterCommit(databaseUrl, 'ledger', await victim('ingest-bridge'), say)
    expect(await samplesOf('esp-7')).toBe(1)
    expect(answers).toEqual([])
    say()
    await until('both answers', 60_000, () => answers.length === 2 || undefined)
    expect(answers.map(({ id, code }) => [id, code])).toEqual([['17', 200], ['17', 200]])
    expect(await samplesOf('esp-7')).toBe(1)
    await board.endAsync()
  })

  it('Alink: what is asked at the station reaches the board in its own words, and its reply says what became of it', { timeout: 120_000 }, async () => {
    await api.put('/devices/esp-7/alink', { ...ALINK, services: ['SelfTest'] })
    const asked: string[] = []
    const below = `/sys/${ALINK.productKey}/${ALINK.deviceName}/thing`
    // The broker hears of the change a moment later and cuts whoever came in before that.
    const board = await again('a session with the new services', () => connectAlink(ward, [`${below}/service/SelfTest`, `${below}/service/property/set`]))
    board.on('message', (topic, payload) => {
      // What it says itself is answered too, by the way.
      if (!topic.endsWith('_reply')) asked.push(topic.slice(below.length))
      const { id } = JSON.parse(payload.toString()) as { id: string }
      if (topic.endsWith('/SelfTest')) board.publish(`${topic}_reply`, JSON.stringify({ id, code: 200, data: { ok: 1 } }))
    })
    const ask = (name: string) => again(`${name} to be offered`, () => api.post<{ id: string }>('/devices/esp-7/commands', { do: name }))
    const states = async (name: string) => (await api.get<{ commands: { do: string; steps: { state: string }[] }[] }>('/devices/esp-7/commands')).commands.find((one) => one.do === name)?.steps.map(({ state }) => state)
    await ask('self_test')
    await until('the self-test to be done', 30_000, async () => ((await states('self_test'))?.at(-1) === 'done' ? true : undefined))
    await ask('measure_now')
    await until('the board to be asked to measure', 30_000, () => asked.includes('/service/property/set') || undefined)
    board.publish(`${below}/event/property/post`, JSON.stringify({ id: '18', params: { HeartRate: 66 } }))
    await until('the measurement to be done', 30_000, async () => ((await states('measure_now'))?.at(-1) === 'done' ? true : undefined))
    expect(asked).toEqual(['/service/SelfTest', '/service/property/set'])
    await board.endAsync()
  })

  it('SenML: the same pack again is stored once', { timeout: 120_000 }, async () => {
    const { secret } = await api.post<DeviceCreated>('/devices', { id: 'senml-1' })
    const pack = JSON.stringify([{ bn: 'urn:dev:mac:1:', bt: Math.floor(systemClock.now() / 1_000), n: 'spo2', u: '%', v: 96 }, { n: 'pr', u: 'beat/min', v: 71 }])
    const send = (body: string) => publish({ mqtt: ward.ready.mqtt, id: 'senml-1', secret }, 'vitals/1/main/senml-1/tele', body)
    await killAfterCommit(databaseUrl, 'ledger', await victim('ingest-bridge'), () => void send(pack))
    expect(await samplesOf('senml-1')).toBe(1)
    // Nobody tells a sender of packs that a bridge listens again, so it says both until the later one is there: the first has been dealt with by then.
    await again('the later pack', async () => {
      await send(pack)
      await send(pack.replace('96', '95'))
      return (await samplesOf('senml-1')) >= 2 || undefined
    })
    expect(await samplesOf('senml-1')).toBe(2)
  })

  it('becalm: rows sent again are known, and reach the history once', { timeout: 120_000 }, async () => {
    await api.post('/devices', { id: 'becalm-1' })
    const rows = JSON.stringify([{ measure_type: 'o', measure_value: 95, date_generation: new Date(systemClock.now()).toISOString() }])
    const send = async () => answerOf(await fetch(`http://127.0.0.1:${await becalmPort}/v100/data-sensor/2?id_device=1`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: rows }))
    await killAfterCommit(databaseUrl, 'becalm_measure', await victim('central-station'), () => void send().catch(() => undefined))
    expect(await count('becalm_measure')).toBe(1)
    expect(await again('the answer', send)).toEqual({ stored: 0, known: 1, refused: [] })
    await again('the sample', async () => (await samplesOf('becalm-1')) > 0 || undefined)
    expect(await samplesOf('becalm-1')).toBe(1)
    expect(await count('becalm_measure')).toBe(1)
  })

  it('Health Auto Export: the same export again changes nothing', { timeout: 120_000 }, async () => {
    const patient = await api.post<{ id: string }>('/patients', { familyName: 'Door', givenName: 'Test' })
    const { token } = await api.post<{ token: string }>(`/patients/${patient.id}/health-sources`, { label: 'iPhone' })
    const body = JSON.stringify({ data: { metrics: [{ name: 'heart_rate', units: 'bpm', data: [{ date: '2026-03-01 10:00:00 +0100', Min: 60, Avg: 66, Max: 80 }, { date: '2026-03-01 11:00:00 +0100', Min: 61, Avg: 67, Max: 81 }] }] } })
    const send = async () => answerOf(await fetch(`${ward.ready.http}/api/v1/import/health-auto-export`, { method: 'POST', headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' }, body }))
    await killAfterCommit(databaseUrl, 'health_value', await victim('central-station'), () => void send().catch(() => undefined))
    expect(await count('health_value')).toBe(2)
    expect(await again('the answer', send)).toMatchObject({ stored: 0, changed: 0, unchanged: 2, refused: 0 })
    expect(await count('health_value')).toBe(2)
  })

  describe('Health Auto Export by MQTT', () => {
    const person = async () => {
      const { id } = await api.post<{ id: string }>('/patients', { familyName: 'Door', givenName: 'Test' })
      const phone = await api.post<{ id: string; token: string }>(`/patients/${id}/health-sources`, { label: 'iPhone' })
      return { id, phone: phone.id, token: phone.token, topic: `vitals/1/health/${phone.id}`, login: { mqtt: ward.ready.mqtt, id: `phone.${phone.id}`, secret: phone.token } }
    }
    const valuesOf = async (patient: string) => {
      const { rows } = await database.query('select m.name, v.start_at, v.end_at, v.aggregation, v.whole, v.value, v.low, v.high, v.parts, v.raw from health_value v join health_name m on m.no = v.metric_no join health_person p on p.no = v.person_no where p.patient_id = $1 order by 1, 2, 4', [patient])
      return rows
    }
    const happeningsOf = async (patient: string) => (await database.query('select kind, start_at, end_at, name, source, detail from health_event e join health_person p on p.no = e.person_no where p.patient_id = $1 order by 1, 2, 4', [patient])).rows
    const authored = (name: string) => readFileSync(join(import.meta.dirname, '../../contract/test/health/data/authored', name), 'utf8')

    it('gives the same rows as by HTTP, and sent three times no others; a wrong token is turned away', { timeout: 60_000 }, async () => {
      const [http, mqtt] = [await person(), await person()]
      for (const name of ['01-seed15-hourly.json', '12-hostile.json']) {
        await fetch(`${ward.ready.http}/api/v1/import/health-auto-export`, { method: 'POST', headers: { authorization: `Bearer ${http.token}` }, body: authored(name) })
        expect(await publish(mqtt.login, mqtt.topic, authored(name))).toMatchObject({ code: 0 })
      }
      const rows = await valuesOf(mqtt.id)
      expect(rows.length).toBeGreaterThan(20)
      expect(rows).toEqual(await valuesOf(http.id))
      expect(await happeningsOf(mqtt.id)).toEqual(await happeningsOf(http.id))
      const ear = await subscribe(mqtt.login, `${mqtt.topic}/answer`)
      for (let i = 0; i < 2; i++) expect(await publish(mqtt.login, mqtt.topic, authored('12-hostile.json'))).toMatchObject({ code: 0 })
      await until('both answers', 30_000, () => ear.lines().length === 2 || undefined)
      await ear.stop()
      for (const line of ear.lines()) expect(JSON.parse(line)).toMatchObject({ outcome: 'stored', report: { stored: 0, changed: 0, refused: 6, refusedBy: { implausible: 2 } } })
      expect(await valuesOf(mqtt.id)).toEqual(rows)
      const { imports } = await api.get<{ imports: { door: string; source: string }[] }>(`/patients/${mqtt.id}/health-imports`)
      expect(imports.map(({ door, source }) => [door, source])).toEqual(Array.from({ length: 4 }, () => ['mqtt', 'iPhone']))
      expect((await publish({ ...mqtt.login, secret: http.token }, mqtt.topic, '{}')).code).not.toBe(0)
      // Whoever is in when the phone is ended is cut at the next export, and comes in no more.
      const open = await connectAsync(mqtt.login.mqtt, { clientId: 'iPhone', username: mqtt.login.id, password: mqtt.login.secret, reconnectPeriod: 0 })
      const cut = new Promise<void>((resolve) => open.once('close', resolve))
      expect((await api.ask('DELETE', `/patients/${mqtt.id}/health-sources/${mqtt.phone}`)).status).toBe(200)
      open.publish(mqtt.topic, authored('14a-partial-hour.json'), { qos: 1 }, () => undefined)
      await cut
      expect((await publish(mqtt.login, mqtt.topic, '{}')).code).not.toBe(0)
      expect(await valuesOf(mqtt.id)).toEqual(rows)
    })

    it('is not acknowledged by a station that is killed after its COMMIT; the broker says it again, and it is stored once', { timeout: 120_000 }, async () => {
      const { id, topic, login } = await person()
      const body = JSON.stringify({ data: { metrics: [{ name: 'step_count', units: 'count', data: [{ date: '2026-03-01 10:00:00 +0100', qty: 320, source: 'Watch' }] }] } })
      let isOver = false
      let sent: ReturnType<typeof publish> | undefined
      await killAfterCommit(databaseUrl, 'health_value', await victim('central-station'), () => {
        sent = publish(login, topic, body)
        void sent.then(() => (isOver = true))
      })
      expect([await valuesOf(id), isOver]).toMatchObject([[{ value: 320 }], false])
      expect(await sent).toMatchObject({ code: 0 })
      expect(await valuesOf(id)).toHaveLength(1)
      expect((await database.query<{ report: unknown }>('select report from health_import i join health_person p on p.no = i.person_no where p.patient_id = $1 order by i.no', [id])).rows).toMatchObject([{ report: null }, { report: { stored: 0, unchanged: 1 } }])
    })
  })
})

/** Nothing while the program is starting again. */
async function answerOf(response: Response): Promise<unknown> {
  const body: unknown = await response.json()
  return response.ok ? body : undefined
}

async function connectAlink(ward: Ward, topics: readonly string[] = []): Promise<MqttClient> {
  const { productKey, deviceName, secret } = ALINK
  const password = createHmac('sha256', secret).update(`clientIdespdeviceName${deviceName}productKey${productKey}timestamp1700000000000`).digest('hex')
  const client = await connectAsync(ward.ready.mqtt, { clientId: 'esp|securemode=3,signmethod=hmacsha256,timestamp=1700000000000|', username: `${deviceName}&${productKey}`, password })
  try {
    await client.subscribeAsync([`/sys/${productKey}/${deviceName}/thing/event/property/post_reply`, ...topics])
    return client
  } catch (error) {
    await client.endAsync(true)
    throw error
  }
}
