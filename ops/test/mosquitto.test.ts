import { createHmac } from 'node:crypto'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensureDevelopmentTls } from '@vigil/broker'
import { CANARY_DEVICE, canarySecret } from '@vigil/central-station/canary'
import { downChannels, upChannels } from '@vigil/contract'
import { ensureSecrets, systemClock } from '@vigil/program'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { withClient } from '../src/postgres/database.ts'
import { freePort, startTestPostgres, type TestPostgres } from '../src/testing/test-postgres.ts'
import { connect, type Client, type Mosquitto, startMosquitto } from './support/mosquitto.ts'
import { until } from './support/until.ts'

const CLI = fileURLToPath(new URL('../src/cli/mosquitto-config.ts', import.meta.url))
const secretOf = (name: string) => `secret-of-${name}:with$signs&more`
const GATEWAYS = `# one line a gateway\ngateway-annex:annex:${secretOf('gateway-annex')}\n`

let postgres: TestPostgres
let home: string
const closing: (() => Promise<unknown>)[] = []
beforeAll(async () => {
  postgres = await startTestPostgres()
  home = mkdtempSync(join(tmpdir(), 'vigil-mosquitto-'))
})
afterAll(async () => {
  for (const close of closing.reverse()) await close()
  await postgres.stop()
  rmSync(home, { recursive: true })
})

/** A ward with a registry, a data folder, and the generator, as an operator has them. */
async function createWard(name: string, sites: Readonly<Record<string, string>>) {
  const dir = join(home, name)
  mkdirSync(join(dir, 'store'), { recursive: true })
  const data = join(dir, 'data')
  const { pepper, services } = ensureSecrets(data)
  const databaseUrl = await postgres.createDatabase()
  const macOf = (secret: string) => createHmac('sha256', pepper).update(secret).digest()
  for (const [device, site] of Object.entries(sites)) {
    await withClient(databaseUrl, (client) => client.query('insert into device (id, site, secret_mac) values ($1, $2, $3)', [device, site, macOf(secretOf(device))]))
  }
  writeFileSync(join(dir, 'gateways'), GATEWAYS)
  const [port, tlsPort] = [await freePort(), await freePort()]
  return {
    dir,
    pepper,
    services,
    port,
    tlsPort,
    url: `mqtt://127.0.0.1:${port}`,
    query: (sql: string, values: unknown[] = []) => withClient(databaseUrl, (client) => client.query(sql, values)),
    macOf,
    generate(out: string, args: readonly string[] = [], secrets = Object.keys(sites).map((id) => `${id}:${secretOf(id)}\n`).join('')) {
      const given = ['--out', join(dir, out), '--store', join(dir, 'store/'), '--gateways', join(dir, 'gateways'), '--secrets', '-', '--mqtt-port', String(port), '--mqtts-port', String(tlsPort), ...args]
      const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...given], { input: secrets, encoding: 'utf8', env: { PATH: process.env['PATH'], VIGIL_DATA: data, DATABASE_URL: databaseUrl } })
      return { status, stdout, stderr, out: join(dir, out) }
    },
  }
}
type Ward = Awaited<ReturnType<typeof createWard>>

async function open(ward: Ward, out: string): Promise<Mosquitto> {
  const mosquitto = await startMosquitto(join(ward.dir, out))
  closing.push(() => mosquitto.stop())
  return mosquitto
}

async function enter(url: string, name: string, password = secretOf(name), options: Parameters<typeof connect>[3] = {}): Promise<Client> {
  const client = await connect(url, name, password, options)
  closing.push(() => client.mqtt.endAsync(true))
  return client
}

const own = 'vitals/1/main/board-1'

describe.each([
  ['one site, where all devices share a pattern', { 'board-1': 'main', 'board-2': 'main' }],
  ['two sites, where each device has its own lines', { 'board-1': 'main', 'board-2': 'main', 'far-1': 'annex' }],
])('a ward on Mosquitto with %s', (name, sites) => {
  let ward: Ward
  let mosquitto: Mosquitto
  let bridge: Client
  let central: Client
  beforeAll(async () => {
    ward = await createWard(name.slice(0, 8).replace(' ', '-'), sites)
    expect(ward.generate('central')).toMatchObject({ status: 0, stderr: '' })
    mosquitto = await open(ward, 'central')
    bridge = await enter(ward.url, 'bridge', ward.services.bridge)
    await bridge.mqtt.subscribeAsync(['tele', 'backlog', 'event', 'state'].map((channel) => `vitals/1/+/+/${channel}`), { qos: 1 })
    central = await enter(ward.url, 'central', ward.services.central)
    await central.mqtt.subscribeAsync(['vitals/1/+/+/tele', 'vitals/1/+/+/wave/+', 'vitals/1/+/+/command/reply', 'vitals/1/+/+/live'], { qos: 1 })
  })

  it('carries what a device says to the programs, and what they say to the device', async () => {
    const device = await enter(ward.url, 'board-1')
    await device.mqtt.subscribeAsync([`${own}/receipt`, `${own}/command`, `${own}/config/desired`, 'vitals/1/main/$time'], { qos: 1 })
    for (const channel of ['tele', 'backlog', 'event', 'state']) {
      await device.say(`${own}/${channel}`, `"${channel}"`)
      await bridge.hears(`${own}/${channel}`, `"${channel}"`)
    }
    for (const channel of ['command/reply', 'wave/paw']) {
      await device.say(`${own}/${channel}`, 'x')
      await central.hears(`${own}/${channel}`)
    }
    await bridge.say(`${own}/receipt`, '{"e":"a","upto":1}')
    await bridge.say(`${own}/live`, '"by another door"')
    await central.say(`${own}/command`, '{"do":"identify"}')
    await central.say(`${own}/config/desired`, '{"version":1}', true)
    await central.say('vitals/1/main/$time', '{"t":1}')
    for (const topic of [`${own}/receipt`, `${own}/command`, `${own}/config/desired`, 'vitals/1/main/$time']) await device.hears(topic)
    await central.hears(`${own}/live`)
  })

  it('lets nobody speak for another', async () => {
    const device = await enter(ward.url, 'board-1')
    // Mosquitto acknowledges what it refuses and drops it: MQTT 3.1.1 has no other way to stay connected.
    for (const topic of ['vitals/1/main/board-2/tele', 'vitals/1/annex/board-2/tele', `${own}/receipt`, `${own}/live`, `${own}/command`, '$SYS/broker/version']) await device.say(topic, '"forged"')
    await bridge.say(`${own}/command`, '"forged"')
    await central.say(`${own}/receipt`, '"forged"')
    await device.say(`${own}/tele`, '"after that"')
    await bridge.hears(`${own}/tele`, '"after that"')
    await central.hears(`${own}/tele`, '"after that"')
    expect([...bridge.heard, ...central.heard].filter(({ payload }) => payload === '"forged"')).toEqual([])
  })

  it('lets no device hear another, whatever it subscribes to', async () => {
    const device = await enter(ward.url, 'board-1')
    await device.mqtt.subscribeAsync(['#', '+/+/+/+/+', '$SYS/#', 'vitals/1/main/board-2/command'], { qos: 1 })
    const neighbour = await enter(ward.url, 'board-2')
    await neighbour.say('vitals/1/main/board-2/tele', '"private"')
    await central.say('vitals/1/main/board-2/command', '"private"')
    await central.say(`${own}/command`, '"yours"')
    await device.hears(`${own}/command`, '"yours"')
    expect(device.heard.filter(({ topic }) => !topic.startsWith(`${own}/`) && topic !== 'vitals/1/main/$time')).toEqual([])
  })

  it('refuses a wrong secret, no secret, and an unknown device', async () => {
    await expect(enter(ward.url, 'board-1', 'guessed')).rejects.toThrow(/not authorized/i)
    await expect(enter(ward.url, 'stranger')).rejects.toThrow(/not authorized/i)
    await expect(connect(ward.url, '', '', { clientId: 'x' })).rejects.toThrow(/not authorized/i)
  })

  it('keeps presence, and says lost when a device vanishes', async () => {
    const will = { topic: `${own}/state`, payload: Buffer.from('{"st":"lost"}'), qos: 1 as const, retain: true }
    const device = await enter(ward.url, 'board-1', secretOf('board-1'), { will })
    await device.say(`${own}/state`, '{"st":"online"}', true)
    device.mqtt.stream.destroy()
    await bridge.hears(`${own}/state`, '{"st":"lost"}')
    const late = await enter(ward.url, 'bridge', ward.services.bridge, { clientId: 'bridge-late' })
    await late.mqtt.subscribeAsync('vitals/1/+/+/state', { qos: 1 })
    expect(await late.hears(`${own}/state`)).toMatchObject({ payload: '{"st":"lost"}', retain: true })
  })

  it('ends the connection over a packet no message needs', async () => {
    const device = await enter(ward.url, 'board-1')
    device.mqtt.publish(`${own}/tele`, Buffer.alloc(300_000))
    await until('it is closed', () => !device.mqtt.connected)
  })

  it('lets a device out when it is retired, and in with a new secret, once the files are made again', { timeout: 90_000 }, async () => {
    const device = await enter(ward.url, 'board-2')
    await ward.query(`update device set retired_at = now() where id = 'board-2'`)
    expect(ward.generate('central', [], '')).toMatchObject({ status: 0 })
    mosquitto.reload()
    await until('it is closed', () => !device.mqtt.connected)
    await expect(enter(ward.url, 'board-2')).rejects.toThrow()

    await ward.query(`update device set retired_at = null, secret_mac = $1 where id = 'board-2'`, [ward.macOf('the-new-one')])
    const untold = ward.generate('central', [], '')
    expect(untold.stdout).toContain('tell them with --secrets: board-2')
    expect(ward.generate('central', [], 'board-2:the-new-one\n')).toMatchObject({ status: 0 })
    mosquitto.reload()
    await until('it is let in', () => enter(ward.url, 'board-2', 'the-new-one').then(() => true, () => false))
    await enter(ward.url, 'board-1')
  })
})

describe('a ward gateway', () => {
  it('carries everything of its site up and down over TLS, and speaks for no other site', { timeout: 90_000 }, async () => {
    const ward = await createWard('gateway', { 'board-1': 'main', 'far-1': 'annex' })
    const tls = await ensureDevelopmentTls(join(ward.dir, 'tls'), systemClock)
    expect(ward.generate('central', ['--tls', join(ward.dir, 'tls')])).toMatchObject({ status: 0 })
    await open(ward, 'central')
    const bridge = await enter(ward.url, 'bridge', ward.services.bridge)
    await bridge.mqtt.subscribeAsync(['vitals/1/+/+/tele', 'vitals/1/+/+/state'], { qos: 1 })
    const central = await enter(ward.url, 'central', ward.services.central)

    const gatewayPort = await freePort()
    mkdirSync(join(ward.dir, 'gateway-store'))
    const made = ward.generate('gateway', ['--gateway', 'gateway-annex', '--central', `localhost:${ward.tlsPort}`, '--central-ca', tls.caPath, '--mqtt-port', String(gatewayPort), '--store', join(ward.dir, 'gateway-store/')])
    expect(made).toMatchObject({ status: 0, stdout: expect.stringContaining('1 of 1 devices can sign in') })
    expect(readFileSync(join(made.out, 'acl'), 'utf8')).not.toContain('user central')
    await open(ward, 'gateway')
    const url = `mqtt://127.0.0.1:${gatewayPort}`
    await expect(enter(url, 'board-1')).rejects.toThrow()
    const device = await enter(url, 'far-1')
    await device.mqtt.subscribeAsync(downChannels.map((channel) => `vitals/1/annex/far-1/${channel}`), { qos: 1 })

    await device.say('vitals/1/annex/far-1/state', '{"st":"online"}', true)
    await device.say('vitals/1/annex/far-1/tele', '{"e":"a","s":1}')
    await bridge.hears('vitals/1/annex/far-1/tele', '{"e":"a","s":1}')
    await bridge.hears('vitals/1/annex/far-1/state')
    await bridge.say('vitals/1/annex/far-1/receipt', '{"e":"a","upto":1}')
    await central.say('vitals/1/annex/far-1/command', '{"do":"identify"}')
    await central.say('vitals/1/annex/far-1/config/desired', '{"version":2}', true)
    await device.hears('vitals/1/annex/far-1/receipt', '{"e":"a","upto":1}')
    await device.hears('vitals/1/annex/far-1/command')
    await device.hears('vitals/1/annex/far-1/config/desired')
    // Without it a board behind a gateway would sound for every alarm, as one that nobody hears.
    await central.say('vitals/1/annex/far-1/alarm', '{"t":1,"for":15000,"armed":1,"a":[]}')
    await device.hears('vitals/1/annex/far-1/alarm')

    const forger = await enter(ward.url, 'gateway-annex')
    await forger.say('vitals/1/main/board-1/tele', '"forged"')
    await forger.say('vitals/1/annex/far-1/receipt', '"forged"')
    await device.say('vitals/1/annex/far-1/tele', '"after that"')
    await bridge.hears('vitals/1/annex/far-1/tele', '"after that"')
    expect([...bridge.heard, ...device.heard].filter(({ payload }) => payload === '"forged"')).toEqual([])

    // Over TLS the user name is the client id, so nobody ends the session of another.
    const ca = readFileSync(tls.caPath)
    const overTls = (board: string, clientId: string) => enter(`mqtts://localhost:${ward.tlsPort}`, board, secretOf(board), { ca, clientId })
    const victim = await overTls('board-1', 'board-1')
    await overTls('far-1', 'board-1')
    await victim.say('vitals/1/main/board-1/tele', '"still here"')
    await bridge.hears('vitals/1/main/board-1/tele', '"still here"')
  })
})

describe('the generator', () => {
  it('lets the canary of the central station in, whose secret nobody is told; at a gateway it has no business', async () => {
    const ward = await createWard('canary', { 'board-1': 'annex' })
    await ward.query('insert into device (id, site, secret_mac) values ($1, $2, $3)', [CANARY_DEVICE, 'annex', ward.macOf(canarySecret(ward.pepper))])
    expect(ward.generate('central')).toMatchObject({ status: 0, stdout: expect.stringContaining('2 of 2 devices can sign in') })
    await open(ward, 'central')
    await enter(ward.url, CANARY_DEVICE, canarySecret(ward.pepper))
    const gateway = ward.generate('gateway', ['--gateway', 'gateway-annex'])
    expect(gateway.stdout).toContain('1 of 1 devices can sign in')
    expect(readFileSync(join(gateway.out, 'passwords'), 'utf8')).not.toContain(CANARY_DEVICE)
  })

  it('has a way over a gateway for every channel there is', () => {
    const conf = readFileSync(fileURLToPath(new URL('../../mosquitto-config/ward-gateway.conf', import.meta.url)), 'utf8')
    const said = [...conf.matchAll(/^topic vitals\/1\/SITE\/\+\/(\S+) (in|out) /gm)].map(([, channel, way]) => `${channel} ${way}`)
    expect(said.sort()).toEqual([...[...upChannels, 'wave/+'].map((channel) => `${channel} out`), ...downChannels.map((channel) => `${channel} in`)].sort())
  })

  it('takes no secret that is not the device\'s, and names it without showing it', async () => {
    const ward = await createWard('wrong', { 'board-1': 'main' })
    const { status, stderr, stdout } = ward.generate('central', [], 'board-1:not-this-one\nstranger:x\n')
    expect(status).toBe(1)
    expect(stderr).toContain('board-1')
    expect(stderr).toContain('stranger')
    expect(`${stdout}${stderr}`).not.toContain('not-this-one')
    expect(readFileSync(join(ward.dir, 'central', 'passwords'), 'utf8')).not.toContain('board-1')
  })

  it('writes no secret in clear for the central broker, and nothing for others to read', async () => {
    const ward = await createWard('files', { 'board-1': 'main' })
    const { out } = ward.generate('central')
    const files = ['mosquitto.conf', 'acl', 'passwords', 'made.json'].map((name) => join(out, name))
    for (const file of files) {
      expect(readFileSync(file, 'utf8')).not.toContain('secret-of')
      expect(statSync(file).mode & 0o007).toBe(0)
    }
  })

  it('changes nothing when nothing has changed', async () => {
    const ward = await createWard('same', { 'board-1': 'main' })
    const { out } = ward.generate('central')
    const before = readFileSync(join(out, 'passwords'), 'utf8')
    ward.generate('central')
    ward.generate('central', [], '')
    expect(readFileSync(join(out, 'passwords'), 'utf8')).toBe(before)
  })

  it.each([
    ['a line that is no secret', [], 'board-1\n', /Line 1/],
    ['a gateway nobody wrote down', ['--gateway', 'nowhere'], '', /nowhere/],
    ['a folder with a blank in it', ['--place', '/etc/my ward'], '', /blanks/],
  ])('refuses %s', async (what, args, secrets, words) => {
    const ward = await createWard(what.replaceAll(' ', '-'), { 'board-1': 'main' })
    expect(ward.generate('central', args, secrets)).toMatchObject({ status: 1, stderr: expect.stringMatching(words) })
  })
})
