import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLog, systemClock } from '@vigil/program'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createVerifierFile } from '../src/identity/verifier-file.ts'
import { createPgVerifiers } from '../src/identity/verifiers-pg.ts'
import { macOf, type Verifiers } from '../src/index.ts'
import { createTestPostgres, type TestPostgres } from './support/postgres.ts'
import { publish, signIn, subscribe } from './support/raw-client.ts'
import { PEPPER, secretOf, startTestBroker, type TestBroker } from './support/test-broker.ts'
import { until } from './support/until.ts'

let postgres: TestPostgres
let dir: string
let path: string
let verifiers: Verifiers
let ward: TestBroker
beforeAll(async () => {
  postgres = await createTestPostgres()
  dir = mkdtempSync(join(tmpdir(), 'vigil-verifiers-'))
  path = join(dir, 'verifiers.json')
})
afterAll(async () => {
  await postgres.remove()
  rmSync(dir, { recursive: true })
})

const mac = (secret: string) => Buffer.from(macOf(PEPPER, secret), 'base64')
const register = (id: string) => postgres.query('insert into device (id, secret_mac) values ($1, $2)', [id, mac(secretOf(id))])
const startWard = async () => {
  verifiers = createPgVerifiers({ databaseUrl: postgres.url, file: createVerifierFile({ path, pepper: PEPPER, log: silentLog }), log: silentLog, clock: systemClock, random: Math.random })
  ward = await startTestBroker({ verifiers })
}
const stopWard = async () => {
  await ward.stop()
  await verifiers.stop()
}
const answer = async (id: string, secret = secretOf(id)) => (await signIn(await ward.raw(), { username: id, password: secret })).returnCode
const untilKnown = (id: string) => until(`${id} is remembered`, () => verifiers.peek(id) !== undefined)

beforeEach(startWard)
afterEach(async () => {
  await stopWard()
  await postgres.query('delete from device')
})

describe('the registry in PostgreSQL', () => {
  it('lets a device in the moment it is registered, also when it knocked too early', async () => {
    expect(await answer('new-1')).toBe(4)
    await register('new-1')
    await until('it is let in', async () => (await answer('new-1')) === 0, 1_000)
    await register('new-2')
    expect(await answer('new-2')).toBe(0)
  })

  it('takes a secret that was rotated this moment, and the old one until its time', async () => {
    await register('rot')
    await untilKnown('rot')
    await postgres.query(`update device set secret_mac = $1, secret_mac_previous = secret_mac, secret_previous_until = now() + interval '1 hour' where id = 'rot'`, [mac('new')])
    expect(await answer('rot', 'new')).toBe(0)
    expect(await answer('rot')).toBe(0)
    await postgres.query(`update device set secret_previous_until = now() - interval '1 second', secret_mac_previous = secret_mac_previous, label = 'told' where id = 'rot'`)
    // One that was let in as the word came is cut before its CONNACK.
    await until('the old secret is over', async () => (await answer('rot').catch(() => undefined)) === 4)
  })

  it('cuts a device within a second of being retired, and of being deleted', async () => {
    for (const [id, sql] of [['gone-1', `update device set retired_at = now() where id = 'gone-1'`], ['gone-2', `delete from device where id = 'gone-2'`]] as const) {
      await register(id)
      const device = await ward.device(id)
      await publish(device, `vitals/1/main/${id}/tele`)
      await postgres.query(sql)
      await device.untilClosed(1_000)
      expect(await answer(id)).not.toBe(0)
    }
  })

  it('hears of a change that came while nobody was listening', async () => {
    await register('quiet')
    await untilKnown('quiet')
    const device = await ward.device('quiet')
    // Every connection of the broker is ended and the change is made in the same breath.
    await postgres.query(`begin; alter table device disable trigger device_tells; update device set retired_at = now() where id = 'quiet'; alter table device enable trigger device_tells; commit; select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'vigil-broker%'`)
    await device.untilClosed(5_000)
  })
})

describe('with the database away', () => {
  const neighbour = 'known-2'

  it('a device comes back and is served, a broker that was restarted knows it too, and a stranger is told to try later', async () => {
    await register('known-1')
    await register(neighbour)
    await untilKnown('known-1')
    await untilKnown(neighbour)
    await postgres.kill()
    try {
      const device = await ward.device('known-1')
      await publish(device, 'vitals/1/main/known-1/tele')
      expect(await answer('stranger')).toBe(3)
      expect(await answer('known-1', 'guessed')).toBe(4)
      await until('the link is known to be down', () => !verifiers.facts().link)
      expect(ward.broker.health()).toContainEqual({ name: 'registry', ok: true, detail: 'database away, 2 devices remembered' })
      expect(await ward.metric('vigil_broker_registry_up')).toBe('0')

      await stopWard()
      await startWard()
      const back = await ward.device(neighbour)
      await publish(back, `vitals/1/main/${neighbour}/tele`)
      const bridge = await ward.service('bridge')
      expect(await subscribe(bridge, 'vitals/1/+/+/tele')).toEqual([1])
      expect(await answer('stranger')).toBe(3)
    } finally {
      await postgres.start()
    }
    await register('stranger')
    await until('the registry answers again', async () => (await answer('stranger')) === 0, 15_000)
    expect(verifiers.facts()).toMatchObject({ link: true, cached: 3 })
  })

  it('a frozen database keeps nobody out who is known, and gives a stranger an answer', async () => {
    await register('known-1')
    await untilKnown('known-1')
    postgres.freeze()
    try {
      const startedAt = performance.now()
      expect(await answer('known-1')).toBe(0)
      expect(performance.now() - startedAt).toBeLessThan(1_000)
      expect(await answer('newcomer')).toBe(3)
    } finally {
      postgres.thaw()
    }
  })
})

describe('the file of verifiers', () => {
  const read = () => createVerifierFile({ path, pepper: PEPPER, log: silentLog }).read()

  it('is readable by its owner alone and holds no secret', async () => {
    await register('filed')
    await untilKnown('filed')
    await until('it is written', () => read().has('filed'))
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(readFileSync(path, 'utf8')).not.toContain(secretOf('filed'))
  })

  it('is not believed when it is damaged or was made with another pepper', () => {
    const verifier = { site: 'main', mac: macOf(PEPPER, 'x'), retired: false }
    const file = createVerifierFile({ path, pepper: PEPPER, log: silentLog })
    file.write([['__proto__', verifier]])
    expect(read().get('__proto__')).toEqual(verifier)
    expect(createVerifierFile({ path, pepper: Buffer.alloc(32, 1), log: silentLog }).read().size).toBe(0)
    for (const content of ['', '{', '[]', '{"version":1}', '{"version":1,"pepper":"x","devices":{"a":{"site":1}}}', readFileSync(path, 'utf8').replace('false', '"no"')]) {
      writeFileSync(path, content)
      expect(read().size).toBe(0)
    }
  })
})
