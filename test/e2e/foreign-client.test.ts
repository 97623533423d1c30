import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type DeviceCreated, type History, type Ledger, type Receipt, topicOf } from '@vigil/contract'
import { systemClock } from '@vigil/program'
import type { Api } from '../support/api.ts'
import { furnishWard } from '../support/beds.ts'
import { openLive, seenValue } from '../support/live.ts'
import { publish, subscribe, type ForeignDevice } from '../support/mosquitto.ts'
import { until } from '@vigil/ops/testing'
import { startWard, type Ward } from '../support/ward.ts'

describe('a client not written here, knowing only the protocol page', () => {
  let ward: Ward
  let api: Api
  let device: DeviceCreated
  let other: DeviceCreated
  const foreign = (): ForeignDevice => ({ mqtt: ward.ready.mqtt, id: device.id, secret: device.secret })
  const tele = () => topicOf({ site: device.site, device: device.id }, 'tele')

  beforeAll(async () => {
    ward = await startWard()
    api = await ward.admin()
    const [first, second] = await furnishWard(api, 'foreign', 2)
    device = (first as { device: DeviceCreated }).device
    other = (second as { device: DeviceCreated }).device
  })
  afterAll(() => ward?.end())

  const history = (id: string) => api.get<History>(`/devices/${id}/history?signals=pr`)
  const ledger = (id: string) => api.get<Ledger>(`/devices/${id}/ledger`)

  it('gets a receipt within 2 s, and its value is on an open wall within 1 s and in the history', async () => {
    const receipts = await subscribe(foreign(), topicOf({ site: device.site, device: device.id }, 'receipt'))
    const wall = await openLive(api)
    wall.watch({ wards: ['foreign'] })
    await until('the ward frame', 2_000, () => (wall.frames.some((f) => f.type === 'ward') ? true : undefined), 10)

    const since = systemClock.monotonic()
    const sent = await publish(foreign(), tele(), JSON.stringify({ e: 'a1', s: 1, t: systemClock.now(), m: { pr: 72 } }))
    expect(sent).toMatchObject({ code: 0 })
    await until('72 on the wall', 1_000, () => (seenValue(wall.frames, device.id, 'pr') === 72 ? true : undefined), 10)
    const receipt = await until('the receipt', 2_000, () => receipts.lines().map((line) => JSON.parse(line) as Receipt)[0], 10)
    expect(systemClock.monotonic() - since).toBeLessThan(2_500)
    expect(receipt).toMatchObject({ e: 'a1', upto: 1 })

    const { series, resolution } = await history(device.id)
    expect(resolution).toBe('raw')
    expect(series).toMatchObject([{ signal: 'pr', unit: '/min', points: [[expect.any(Number), 72]] }])
    wall.close()
    await receipts.stop()
  })

  it('changes nothing by sending the same message again', async () => {
    const again = JSON.stringify({ e: 'a1', s: 1, t: systemClock.now(), m: { pr: 72 } })
    const receipts = await subscribe(foreign(), topicOf({ site: device.site, device: device.id }, 'receipt'))
    await publish(foreign(), tele(), again)
    await until('a receipt for the repeated number', 3_000, () => receipts.lines()[0], 20)
    await receipts.stop()
    expect((await history(device.id)).series[0]?.points).toHaveLength(1)
    expect((await ledger(device.id)).epochs).toMatchObject([{ epoch: 'a1', upto: 1, received: 1, missing: 0, duplicates: 0, ranges: [[1, 1]] }])
  })

  it('cannot write as another device, nor with a wrong secret, nor listen to everything', async () => {
    await publish(foreign(), topicOf({ site: other.site, device: other.id }, 'tele'), JSON.stringify({ e: 'a1', s: 1, t: systemClock.now(), m: { pr: 250 } }))
    expect((await publish({ ...foreign(), secret: 'wrong' }, tele(), '{}')).code).not.toBe(0)
    const everything = await subscribe(foreign(), '#')
    await publish(foreign(), tele(), JSON.stringify({ e: 'a1', s: 2, t: systemClock.now(), m: { pr: 73 } }))
    await until('number 2 in the ledger', 5_000, async () => ((await ledger(device.id)).epochs[0]?.received === 2 ? true : undefined))
    expect(everything.lines()).toEqual([])
    await everything.stop()
    expect((await ledger(other.id)).epochs).toEqual([])
    expect((await history(other.id)).series.flatMap((s) => s.points)).toEqual([])
  })

  it('cannot hurt the broker with a huge packet or an endless topic', async () => {
    await publish(foreign(), tele(), 'x'.repeat(100_000))
    await publish(foreign(), `vitals/1/${'a/'.repeat(500)}tele`, '{}')
    const health = await fetch(`http://127.0.0.1:${ward.settings['VIGIL_BROKER_HEALTH_PORT']}/health/ready`)
    expect(health.status).toBe(200)
    const metrics = await (await fetch(`http://127.0.0.1:${ward.settings['VIGIL_BROKER_HEALTH_PORT']}/metrics`)).text()
    expect(metrics).toMatch(/vigil_broker_refused_total\{[^}]*\} [1-9]/)
    expect(await publish(foreign(), tele(), JSON.stringify({ e: 'a1', s: 3, t: systemClock.now(), m: { pr: 74 } }))).toMatchObject({ code: 0 })
  })

  const odd: [string, (s: number) => string][] = [
    ['text that is not JSON', () => '{"e":"a1",'],
    ['NaN', (s) => `{"e":"a1","s":${s},"t":${systemClock.now()},"m":{"pr":NaN}}`],
    ['a value that is text', (s) => JSON.stringify({ e: 'a1', s, t: systemClock.now(), m: { pr: '72' } })],
    ['a sentinel', (s) => JSON.stringify({ e: 'a1', s, t: systemClock.now(), m: { pr: 65535, spo2: -1 } })],
    ['an unknown signal', (s) => JSON.stringify({ e: 'a1', s, t: systemClock.now(), m: { aura: 7 } })],
    ['a time in the future', (s) => JSON.stringify({ e: 'a1', s, t: systemClock.now() + 86_400_000, m: { pr: 75 } })],
    ['a time in 1970', (s) => JSON.stringify({ e: 'a1', s, t: 1_000, m: { pr: 76 } })],
    ['a number far ahead', (s) => JSON.stringify({ e: 'a1', s: s + 50, t: systemClock.now(), m: { pr: 77 } })],
  ]
  it('loses nothing it said well by also saying odd things', async () => {
    let s = 4
    for (const [, make] of odd) await publish(foreign(), tele(), make(s++))
    await publish(foreign(), tele(), JSON.stringify({ e: 'a1', s: 12, t: systemClock.now(), m: { pr: 78 } }))
    await until('number 12 in the history', 5_000, async () => ((await history(device.id)).series[0]?.points.some(([, v]) => v === 78) ? true : undefined))
    const values = (await history(device.id)).series[0]?.points.map(([, v]) => v) ?? []
    expect(values).toEqual(expect.arrayContaining([72, 73, 74, 75, 76, 77, 78]))
    expect(values).not.toContain(65535)
    expect((await ledger(device.id)).epochs[0]).toMatchObject({ duplicates: 0 })
  })
})
