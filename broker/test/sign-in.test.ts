import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { publish, signIn } from './support/raw-client.ts'
import { secretOf, SERVICES, startTestBroker, type TestBroker } from './support/test-broker.ts'
import { until } from './support/until.ts'

describe('signing in', () => {
  let ward: TestBroker
  beforeEach(async () => (ward = await startTestBroker()))
  afterEach(() => ward.stop())

  const answer = async (options: Parameters<typeof signIn>[1]) => (await signIn(await ward.raw(), options)).returnCode

  it('lets a device in with its secret, and our own programs with theirs', async () => {
    expect(await answer({ username: 'board-1', password: secretOf('board-1') })).toBe(0)
    expect(await answer({ username: 'bridge', password: SERVICES.bridge, clientId: 'bridge-1' })).toBe(0)
    expect(await answer({ username: 'central', password: SERVICES.central, clientId: 'central-live' })).toBe(0)
    expect(await ward.metric('vigil_broker_clients{role="device"')).toBe('1')
  })

  it('tells a wrong secret, an unknown device and a wrong service password the same', async () => {
    expect(await answer({ username: 'board-1', password: 'guessed' })).toBe(4)
    expect(await answer({ username: 'nobody', password: 'guessed' })).toBe(4)
    expect(await answer({ username: 'bridge', password: 'guessed' })).toBe(4)
    expect(await answer({ username: 'board-1', password: secretOf('board-2') })).toBe(4)
    expect(await ward.refused('credentials')).toBe(4)
  })

  it('refuses a name that is no name, and a CONNECT without one', async () => {
    expect(await answer({ username: 'board 1', password: 'x', clientId: 'a' })).toBe(4)
    expect(await answer({ username: '__proto__', password: 'x' })).toBe(4)
    expect(await answer({ clientId: 'board-1' })).toBe(4)
    expect(await answer({ username: 'board-1' })).toBe(4)
  })

  it('refuses a retired device even with its secret', async () => {
    ward.verifiers.retire('board-1')
    expect(await answer({ username: 'board-1', password: secretOf('board-1') })).toBe(5)
    expect(await ward.refused('retired')).toBe(1)
  })

  it('takes both secrets while one is being rotated, and only the new one afterwards', async () => {
    const until = Date.UTC(2200, 0, 1)
    ward.verifiers.add('board-1', { secret: 'new', previousSecret: 'old', previousUntilMs: until })
    expect(await answer({ username: 'board-1', password: 'old' })).toBe(0)
    expect(await answer({ username: 'board-1', password: 'new' })).toBe(0)
    ward.verifiers.add('board-1', { secret: 'new', previousSecret: 'old', previousUntilMs: 0 })
    expect(await answer({ username: 'board-1', password: 'old' })).toBe(4)
  })

  it('lets a board in at once with its new secret, however often it tried the revoked one', async () => {
    for (let i = 0; i < 8; i++) await answer({ username: 'board-1', password: 'revoked' })
    expect(await answer({ username: 'board-1', password: 'fresh' })).toBe(3)
    ward.verifiers.add('board-1', { secret: 'fresh' })
    expect(await answer({ username: 'board-1', password: 'fresh' })).toBe(0)
  })

  it('makes someone who guesses wait longer and longer, without locking out the device itself elsewhere', async () => {
    for (let i = 0; i < 6; i++) await answer({ username: 'board-1', password: `guess ${i}` })
    // Even the right secret waits now: an answer would tell the guesser that it is right.
    expect(await answer({ username: 'board-1', password: secretOf('board-1') })).toBe(3)
    expect(await ward.refused('locked_out')).toBe(1)
    expect(await answer({ username: 'board-2', password: secretOf('board-2') })).toBe(0)
    await until('the wait is over', async () => (await answer({ username: 'board-1', password: secretOf('board-1') })) === 0)
  })

  it.each([
    ['MQTT 5', { protocolVersion: 5 as const }, 1, 'protocol_version'],
    ['MQTT 3.1', { protocolVersion: 3 as const, protocolId: 'MQIsdp' as const }, 1, 'protocol_version'],
    ['no keepalive', { keepalive: 0 }, 2, 'keepalive'],
    ['a keepalive of five minutes', { keepalive: 300 }, 2, 'keepalive'],
    ['a client id with a line break', { clientId: 'a\nb' }, 2, 'client_id'],
    ['a client id of 65 characters', { clientId: 'x'.repeat(65) }, 2, 'client_id'],
  ] as const)('refuses %s with a code that says so', async (_what, change, code, reason) => {
    expect(await answer({ username: 'board-1', password: secretOf('board-1'), ...change })).toBe(code)
    expect(await ward.refused(reason)).toBe(1)
  })

  it('refuses an empty client id with a kept session', async () => {
    // mqtt-packet will not write such a CONNECT, so it is written here.
    const client = await ward.raw()
    const text = (value: string) => Buffer.concat([Buffer.from([0, value.length]), Buffer.from(value)])
    const body = Buffer.concat([text('MQTT'), Buffer.from([4, 0xc0, 0, 60]), text(''), text('board-1'), text(secretOf('board-1'))])
    client.bytes(Buffer.concat([Buffer.from([0x10, body.length]), body]))
    expect((await client.next('connack')).returnCode).toBe(2)
  })
})

describe('a session belongs to the secret, not to the client id', () => {
  let ward: TestBroker
  beforeEach(async () => (ward = await startTestBroker()))
  afterEach(() => ward.stop())

  it('does not let one device end the session of another by using its client id', async () => {
    const victim = await ward.device('board-1')
    const attacker = await ward.device('board-2', { clientId: 'board-1' })
    await publish(victim, 'vitals/1/main/board-1/tele')
    await publish(attacker, 'vitals/1/main/board-2/tele')
    expect(victim.closed()).toBe(false)
    expect(await ward.metric('vigil_broker_takeovers_total')).toBe('0')
  })

  it('does not let a device end the session of a program by using its client id', async () => {
    ward.verifiers.add('bridge-1', { secret: secretOf('bridge-1') })
    const bridge = await ward.service('bridge', { clientId: 'bridge-1' })
    await ward.device('bridge-1')
    await publish(bridge, 'vitals/1/main/board-1/receipt')
    expect(bridge.closed()).toBe(false)
  })

  it('does not end anything on a wrong secret', async () => {
    const victim = await ward.device('board-1')
    const { returnCode } = await signIn(await ward.raw(), { username: 'board-1', password: 'guessed' })
    expect(returnCode).toBe(4)
    await publish(victim, 'vitals/1/main/board-1/tele')
  })

  it('hands the device its own session over when it comes back before the old connection is noticed to be dead', async () => {
    const before = await ward.device('board-1')
    const after = await ward.device('board-1')
    await before.untilClosed()
    await publish(after, 'vitals/1/main/board-1/tele')
    expect(await ward.metric('vigil_broker_takeovers_total')).toBe('1')
  })

  it('allows four foreign tools beside the device, and no fifth', async () => {
    await ward.device('board-1')
    for (const clientId of ['', '', 'mosqpub|12-laptop', 'mqttjs_8f']) await ward.device('board-1', { clientId })
    const fifth = await signIn(await ward.raw(), { username: 'board-1', password: secretOf('board-1'), clientId: 'fifth' })
    expect(fifth.returnCode).toBe(3)
    expect(await ward.refused('secondary_sessions')).toBe(1)
    // The same tool again takes its own place.
    await ward.device('board-1', { clientId: 'mqttjs_8f' })
  })

  it('refuses a will to a foreign tool: it would call the device lost', async () => {
    const will = { topic: 'vitals/1/main/board-1/state', payload: Buffer.from('{"st":"lost"}'), qos: 1 as const, retain: true }
    const { returnCode } = await signIn(await ward.raw(), { username: 'board-1', password: secretOf('board-1'), clientId: 'tool', will })
    expect(returnCode).toBe(2)
    expect(await ward.refused('will')).toBe(1)
  })
})
