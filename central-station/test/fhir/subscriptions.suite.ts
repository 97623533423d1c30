import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { until } from '@vigil/ops/testing'
import { rows } from '../support/postgres.ts'
import { storeSamples } from '../support/records.ts'
import { startHttpReceiver, type HttpReceiver } from '../support/receivers.ts'
import { fhir, type Json, ward } from './ward.ts'

type Subscription = Json & { readonly status: string; readonly error?: string; readonly extension: readonly { readonly valueString: string }[] }

const subscribe = async (receiver: HttpReceiver, criteria: string, channel: object = {}) => {
  const body = JSON.stringify({ resourceType: 'Subscription', status: 'requested', reason: 'test', criteria, channel: { type: 'rest-hook', endpoint: receiver.url, ...channel } })
  const answer = await fhir(ward, '/Subscription', { method: 'POST', headers: { 'content-type': 'application/fhir+json' }, body })
  expect([answer.status, answer.headers.get('location')]).toEqual([201, `${ward.base}/Subscription/${answer.body.id}/_history/1`])
  return answer.body as Subscription
}
const remove = (id: string) => fhir(ward, `/Subscription/${id}`, { method: 'DELETE' })

describe('a subscription', () => {
  it('is told of what arrives, each thing once, signed, with its own headers', async () => {
    const receiver = await startHttpReceiver()
    const made = await subscribe(receiver, `Observation?patient=${ward.ada.patient.id}&code=9279-1`, { payload: 'application/fhir+json', header: ['Authorization: Bearer theirs'] })
    const nowMs = Date.now()
    await storeSamples(ward.station.databaseUrl, 'board_1', [0, 1].map((i) => ({ t: nowMs - 2_000 + i * 1_000, seq: 100_000 + i, epoch: 'now', values: { rr: 15 + i, pr: 60 } })))
    await until('both to be told', 60_000, () => receiver.heard[1])
    const told = Date.now()
    // Another look finds the same again, and tells nothing.
    await until('another look', 60_000, async () => (await rows(ward.station.databaseUrl, 'select 1 from fhir_subscription where id = $2 and extract(epoch from looked_until) * 1000 > $1', [told, made.id]))[0])
    expect(receiver.heard.map(({ method, path, body }) => [method, path.startsWith('/hook/Observation/s.'), (JSON.parse(body) as { valueQuantity: { value: number } }).valueQuantity.value])).toEqual([['PUT', true, 15], ['PUT', true, 16]])
    const [first] = receiver.heard
    const [, t, v1] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(first?.headers['x-vigil-signature'])) ?? []
    expect(createHmac('sha256', made.extension[0]?.valueString ?? '').update(`${t}.${first?.body}`).digest('hex')).toBe(v1)
    expect([first?.headers['authorization'], first?.headers['content-type']]).toEqual(['Bearer theirs', 'application/fhir+json; charset=utf-8'])
    expect((await fhir(ward, `/Subscription/${made.id}`)).body).toMatchObject({ status: 'active', criteria: `Observation?patient=${ward.ada.patient.id}&code=9279-1` })
    expect(JSON.stringify((await fhir(ward, `/Subscription/${made.id}`)).body)).not.toMatch(/theirs|whsec/)
    expect((await remove(made.id)).status).toBe(204)
    const gone = await fhir(ward, `/Subscription/${made.id}`)
    expect([gone.status, gone.body.issue[0]?.code]).toEqual([410, 'deleted'])
    await receiver.close()
  })

  it('without a payload is called once for whatever there is', async () => {
    const receiver = await startHttpReceiver()
    const made = await subscribe(receiver, 'Flag?status=active')
    await rows(ward.station.databaseUrl, `update alarm set announced_at = now(), n = n + 1 where stay_id = $1 and phase = 'active'`, [ward.ada.stay.id])
    await until('a call', 60_000, () => receiver.heard[0])
    expect(receiver.heard[0]).toMatchObject({ method: 'POST', path: '/hook', body: '' })
    await remove(made.id)
    await receiver.close()
  })

  it('is in error while nobody answers, and off once everything is refused', async () => {
    const receiver = await startHttpReceiver()
    receiver.answers.push(503)
    const made = await subscribe(receiver, `Patient?_id=${ward.ada.patient.id}`, { payload: 'application/fhir+json' })
    const now = async () => (await fhir(ward, `/Subscription/${made.id}`)).body as Subscription
    await ward.station.admin.patch(`/patients/${ward.ada.patient.id}`, { version: ward.ada.patient.version, note: 'changed' })
    await until('an error', 60_000, async () => ((await now()).status === 'error' ? true : undefined))
    expect((await now()).error).toBe('the answer was 503')
    await until('it to be told after all', 60_000, () => receiver.heard[0])
    await until('it to be well again', 60_000, async () => ((await now()).status === 'active' ? true : undefined))
    await rows(ward.station.databaseUrl, `insert into outbound_delivery (target_id, key, event, body, created_at, state, next_at, ended_at, why) select $1, 'refused/' || i, 'fhir', '', now(), 'dead', now(), now(), 'the answer was 400' from generate_series(1, 20) i`, [made.id])
    await until('it to be off', 60_000, async () => ((await now()).status === 'off' ? true : undefined))
    expect((await now()).error).toMatch(/^Switched off: the endpoint refused 20 calls in a row/)
    await remove(made.id)
    await receiver.close()
  })
})
