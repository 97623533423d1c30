import { createHmac } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { manualClock, type ManualClock } from '@vigil/contract/testing/manual-clock'
import { latin1Bytes, readMessage, segment, toFrame } from '@vigil/contract/hl7/index'
import { until } from '@vigil/ops/testing'
import { createSeal, silentLog, systemClock } from '@vigil/program'
import { openDatabase } from '../../src/db/database-pool.ts'
import type { Database } from '../../src/db/database.ts'
import { uuidv7 } from '../../src/ids.ts'
import { createAddressGuard } from '../../src/outbound/address-guard.ts'
import { compose } from '../../src/outbound/compose.ts'
import { type Deliverer, startDeliverer } from '../../src/outbound/deliverer.ts'
import { hl7Channel } from '../../src/outbound/hl7-channel.ts'
import { CONTROL_ID } from '../../src/outbound/hl7-message.ts'
import { createOutboundStore } from '../../src/outbound/outbound-store-pg.ts'
import { createTargetStore } from '../../src/outbound/target-store-pg.ts'
import { createTargets, type Targets } from '../../src/outbound/targets.ts'
import { webhookChannel } from '../../src/outbound/webhook-channel.ts'
import type { Caller } from '../../src/people/caller.ts'
import { startPostgres, type TestPostgres } from '../support/postgres.ts'
import { type Hl7Receiver, type HttpReceiver, startHl7Receiver, startHttpReceiver } from '../support/receivers.ts'

const admin: Caller = { id: 's', accountId: null, username: 'admin', role: 'admin', rights: new Set(), wards: null }

describe('what goes out', { timeout: 60_000 }, () => {
  let postgres: TestPostgres
  let database: Database
  let clock: ManualClock
  let hook: HttpReceiver
  let hl7: Hl7Receiver
  let targets: Targets
  let deliverers: Deliverer[]
  const outcomes: string[] = []

  beforeAll(async () => {
    postgres = await startPostgres()
    database = openDatabase({ url: await postgres.database(), clock: systemClock, log: silentLog })
    await until('the database', 20_000, () => (database.health.state() === 'ok' ? true : undefined))
  }, 120_000)
  afterAll(async () => {
    await database?.stop()
    await postgres?.stop()
  })
  beforeEach(async () => {
    clock = manualClock(Date.UTC(2026, 2, 1))
    ;[hook, hl7] = await Promise.all([startHttpReceiver(), startHl7Receiver()])
    outcomes.length = 0
    deliverers = []
    targets = station()
  })
  afterEach(async () => {
    for (const deliverer of deliverers) await deliverer.stop()
    await Promise.all([hook.close(), hl7.close()])
    await database.query('delete from outbound_target')
  })

  /** One central station's outgoing side; several may share the database. */
  function station(): Targets {
    const store = createOutboundStore(database)
    const guard = createAddressGuard(['127.0.0.1'])
    const seal = createSeal(Buffer.alloc(32, 7), 'outbound')
    const channels = { webhook: webhookChannel({ guard, seal, clock }), hl7: hl7Channel({ guard, clock, onStatus: (id, about, status) => store.status(id, about, status, clock.now()) }) }
    const deliverer = startDeliverer({ store, compose, channels, health: database.health, clock, random: () => 0, log: silentLog, count: (_kind, outcome) => outcomes.push(outcome) })
    deliverers.push(deliverer)
    return createTargets({ store: createTargetStore(database), line: store, guard, seal, channels, clock, hint: deliverer.hint })
  }
  const webhook = (name = 'pager', url = hook.url) => targets.add({ kind: 'webhook', name, url, events: ['alarm.*'] }, admin)
  const receiver = (name = 'ehr', port = hl7.port) => targets.add({ kind: 'hl7', name, host: '127.0.0.1', port, events: ['alarm.*'] }, admin)
  const put = async (targetId: string, count: number) => {
    const store = createOutboundStore(database)
    await store.put(Array.from({ length: count }, (_, i) => ({ targetId, key: uuidv7(clock.now()), event: 'alarm.announced', subject: `a${i}`, body: `MSH|^~\\&|VIGIL||||||ORU^R40|${CONTROL_ID}|T|2.6\rOBX|1||${i}\r` })), clock.now())
    for (const deliverer of deliverers) deliverer.hint()
  }
  const states = async (id: string) => (await targets.deliveries(id, {})).deliveries.map(({ state }) => state).toReversed()
  /** Time passes; whoever waits for it does what is due. */
  const pass = async (ms: number) => {
    clock.advance(ms)
    await new Promise((resolve) => { setTimeout(resolve, 20) })
  }
  const tried = (count: number) => until(`${count} tries`, 20_000, async () => {
    if (outcomes.length < count) clock.advance(1_000)
    return outcomes.length >= count ? true : undefined
  })

  it('is signed, so that the other side knows it is ours, and its key is nowhere in the database', async () => {
    const { id, secret = '' } = await webhook()
    await targets.test(id)
    await until('the post', 10_000, () => (hook.heard.length === 1 ? true : undefined))
    const { headers, body } = hook.heard[0] as (typeof hook.heard)[number]
    const [, t, signature] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['x-vigil-signature'])) ?? []
    expect(signature).toBe(createHmac('sha256', secret).update(`${t}.${body}`).digest('hex'))
    expect([headers['x-vigil-event'], JSON.parse(body)]).toMatchObject(['test', { event: 'test' }])
    const [row] = await database.query<{ secret: Buffer }>('select secret from outbound_target')
    expect(row?.secret.toString('latin1')).not.toContain(secret.slice(6))
  })

  it('is tried again with growing pauses, given up at last, and sent once somebody asks for it again', async () => {
    const { id } = await webhook()
    hook.answers.push(500, 500, 500, 500, 500, 500)
    await put(id, 1)
    for (let n = 1; n <= 6; n++) {
      await until(`try ${n}`, 20_000, () => (outcomes.length === n ? true : undefined))
      // A second before it is due nothing happens.
      await pass([4_000, 14_000, 29_000, 59_000, 119_000][n - 1] ?? 0)
      expect(outcomes).toHaveLength(n)
      await pass(2_000)
    }
    expect(outcomes.at(-1)).toBe('given_up')
    const [dead] = (await targets.deliveries(id, { state: 'dead' })).deliveries
    expect(dead).toMatchObject({ tries: 6, why: 'the answer was 500' })
    await targets.again(dead?.no ?? 0)
    await until('the post', 10_000, () => (hook.heard.length === 1 ? true : undefined))
  })

  it('waits in its line while its target is away, in order, and nobody else waits with it', async () => {
    const away = await receiver('away', hl7.port)
    const there = await webhook()
    const { port } = hl7
    await hl7.close()
    await put(away.id, 3)
    await put(there.id, 2)
    await until('the other target', 10_000, () => (hook.heard.length === 2 ? true : undefined))
    await until('word of it', 10_000, async () => ((await targets.list()).targets.find(({ id }) => id === away.id)?.state === 'away' ? true : undefined))
    expect(await states(away.id)).toEqual(['waiting', 'waiting', 'waiting'])
    hl7 = await startHl7Receiver(port)
    await until('all to arrive', 20_000, () => {
      if (hl7.heard.length < 3) clock.advance(1_000)
      return hl7.heard.length === 3 ? true : undefined
    })
    expect(hl7.heard.map((bytes) => { const read = readMessage(bytes); return read.ok && segment(read.message, 'OBX')?.text(3) })).toEqual(['0', '1', '2'])
    await until('it to be said', 10_000, async () => ((await targets.list()).targets.find(({ id }) => id === away.id)?.state === 'ok' ? true : undefined))
  })

  it('never stops behind a message that the receiver refuses for good', async () => {
    const { id } = await receiver()
    hl7.fates.push({ kind: 'never', error: 200 }, { kind: 'later' })
    await put(id, 3)
    await tried(4)
    await until('the end', 20_000, async () => ((await states(id)).includes('waiting') ? undefined : true))
    expect(await states(id)).toEqual(['dead', 'delivered', 'delivered'])
    expect((await targets.deliveries(id, { state: 'dead' })).deliveries[0]?.why).toBe('the receiver answered AR')
    expect(hl7.heard).toHaveLength(2)
  })

  it('is not done without the receiver\'s word, and has the same control id the second time', async () => {
    const { id } = await receiver()
    hl7.fates.push('silent')
    await put(id, 1)
    await until('the message', 10_000, () => (hl7.fates.length === 0 ? true : undefined))
    await tried(2)
    expect(outcomes).toEqual(['away', 'delivered'])
    const [{ no } = { no: 0 }] = (await targets.deliveries(id, {})).deliveries
    const read = readMessage(hl7.heard[0] as Uint8Array)
    expect(read.ok && read.message.header.text(10)).toBe(`V${no}`)
  })

  it('tells how far an alarm has come when the receiver says so, and answers it', async () => {
    const { id } = await receiver()
    await put(id, 1)
    await tried(1)
    const [{ no } = { no: 0 }] = (await targets.deliveries(id, {})).deliveries
    const socket = hl7.sockets[0]
    const answers: string[] = []
    socket?.on('data', (chunk: Buffer) => answers.push(chunk.toString('latin1')))
    const status = (word: string, n: number) => socket?.write(toFrame(latin1Bytes(`MSH|^~\\&|AM||VIGIL||20260301120000+0000||ORA^R41^ORA_R41|S${n}|P|2.6\rMSA|AA|V${no}\rPRT|1|${word}\r`)))
    status('Delivered', 1)
    status('Read', 2)
    await until('the status', 10_000, async () => ((await targets.deliveries(id, {})).deliveries[0]?.status === 'read' ? true : undefined))
    await until('two answers', 10_000, () => (/MSA\|AA\|S1[^]*MSA\|AA\|S2/.test(answers.join('')) ? true : undefined))
  })

  it('goes out once though two stations serve the same database', async () => {
    const { id } = await webhook()
    station()
    await put(id, 50)
    await until('all', 30_000, () => {
      if (hook.heard.length < 50) clock.advance(1_000)
      return hook.heard.length >= 50 ? true : undefined
    })
    await until('all settled', 10_000, async () => ((await states(id)).every((state) => state === 'delivered') ? true : undefined))
    expect(hook.heard).toHaveLength(50)
  })

  it('never follows a redirect, and never goes to an address inside that nobody listed', async () => {
    const { id } = await webhook()
    hook.answers.push(302)
    await put(id, 1)
    await tried(1)
    expect((await targets.deliveries(id, {})).deliveries[0]).toMatchObject({ state: 'dead', why: 'the answer was 302; redirects are not followed' })
    for (const host of ['169.254.169.254', '10.0.0.8', '[::1]', '[::ffff:10.0.0.8]', '127.0.0.2', '0x7f000002']) {
      await expect(targets.add({ kind: 'webhook', name: 'inside', url: `http://${host}/`, events: [] }, admin), host).rejects.toMatchObject({ code: 'OUTBOUND_ADDRESS' })
    }
    // What was allowed once and is not any more is not spoken to either.
    await database.query(`update outbound_target set settings = settings || '{"url":"http://10.0.0.8/"}' where id = $1`, [id])
    outcomes.length = 0
    await put(id, 1)
    await tried(1)
    expect(outcomes).toEqual(['away'])
  })

  it('is refused to somebody who would send out more than he sees', async () => {
    const nurse: Caller = { ...admin, wards: ['east'] }
    const asked = { kind: 'webhook' as const, name: 'more', url: hook.url, events: [] }
    await expect(targets.add(asked, nurse)).rejects.toMatchObject({ code: 'FORBIDDEN' })
    await expect(targets.add({ ...asked, wards: ['west'] }, nurse)).rejects.toMatchObject({ code: 'FORBIDDEN' })
    expect(await targets.add({ ...asked, wards: ['east'] }, nurse)).toMatchObject({ wards: ['east'] })
    await expect(targets.add({ ...asked, wards: ['east'] }, nurse)).rejects.toMatchObject({ code: 'ALREADY_EXISTS' })
  })

  it('is given up after three days and forgotten after a while', async () => {
    const { id } = await receiver('gone', 9)
    await put(id, 1)
    await tried(1)
    clock.stepWallClock(3 * 86_400_000)
    clock.advance(600_000)
    await until('it to be given up', 10_000, async () => ((await states(id))[0] === 'dead' ? true : undefined))
    clock.stepWallClock(91 * 86_400_000)
    clock.advance(600_000)
    await until('it to be forgotten', 10_000, async () => ((await states(id)).length === 0 ? true : undefined))
  })
})
