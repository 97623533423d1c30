import { describe, expect, it } from 'vitest'
import { boardSensors } from '../../esp/board-sensors.ts'
import { sensorRegistry } from '../../src/sensors/registry.ts'
import { checkSettings } from '../../esp/board-settings.ts'
import { moddableClock } from '../../esp/moddable-clock.ts'
import { createOutbox } from '../../esp/mqtt-outbox.ts'
import { preferenceDocument } from '../../esp/preference-document.ts'
import { setupPage } from '../../esp/setup-page.ts'
import { type HttpCallback, HttpMessage, type HttpRequestState, startSetupPortal } from '../../esp/setup-portal.ts'
import { fakePreference } from './fake-preference.ts'

describe('a document in flash', () => {
  const long = { name: 'Müller ✓', entries: Array.from({ length: 200 }, (_, i) => ({ id: i, why: 'because' })) }

  it('comes back as it was saved, also when it is longer than one entry takes', () => {
    const document = preferenceDocument<typeof long>(fakePreference(), 'commands')
    expect(document.load()).toBeUndefined()
    document.save(long)
    expect(document.load()).toEqual(long)
    document.save({ ...long, name: 'short', entries: [] })
    expect(document.load()).toEqual({ name: 'short', entries: [] })
  })

  it('is the old one when the power fails in the middle of saving', () => {
    const preference = fakePreference()
    const document = preferenceDocument<typeof long>(preference, 'commands')
    document.save(long)
    let writes = 2
    const failing = preferenceDocument<typeof long>({ ...preference, set: (domain, key, value) => {
      if (writes-- === 0) throw new TypeError('no power')
      preference.set(domain, key, value)
    } }, 'commands')
    expect(() => failing.save({ ...long, name: 'new' })).toThrow('no power')
    expect(document.load()).toEqual(long)
  })

  it('leaves nothing of older ones behind', () => {
    const preference = fakePreference()
    const document = preferenceDocument<number[]>(preference, 'config')
    for (let i = 0; i < 5; i += 1) document.save(Array.from({ length: 2_000 }, () => i))
    expect(preference.stored.size).toBeLessThanOrEqual(4)
  })

  it('that cannot be read is no document', () => {
    const preference = fakePreference()
    preference.set('vigil', 'config', 'a1')
    preference.set('vigil', 'config.a0', '{"half":')
    expect(preferenceDocument(preference, 'config').load()).toBeUndefined()
  })
})

describe('the clock of a small engine', () => {
  it('goes on when the millisecond counter wraps', () => {
    let ticks = 0x7fff_ff00
    const clock = moddableClock({ timer: { set: () => 1, repeat: () => 1, clear: () => {} }, time: { get ticks() { return ticks | 0 } }, now: () => 5 })
    ticks += 0x200
    expect(clock.monotonic()).toBe(0x200)
    ticks = 0xffff_fff0
    clock.monotonic()
    const before = clock.monotonic()
    ticks = 0x10
    expect(clock.monotonic() - before).toBe(0x20)
  })

  it('clears no timer that has fired', () => {
    const cleared: unknown[] = []
    let run = (): void => {}
    const timer = { set: (then: () => void) => ((run = then), 7), repeat: () => 1, clear: (id: unknown) => void cleared.push(id) }
    const clock = moddableClock({ timer, time: { ticks: 0 }, now: () => 0 })
    const stop = clock.after(10, () => {})
    run()
    stop()
    expect(cleared).toEqual([])
    const stopEarly = clock.after(10, () => {})
    stopEarly()
    stopEarly()
    expect(cleared).toEqual([7])
  })
})

describe('messages on their way into a small socket', () => {
  it('go in order and in pieces, and nothing is begun that does not fit', () => {
    const written: number[] = []
    let room = 0
    const outbox = createOutbox((data) => {
      written.push(data?.byteLength ?? 0)
      room -= data?.byteLength ?? 0
      return room
    })
    outbox.push({ topic: 't', QoS: 1 }, new ArrayBuffer(1_000))
    outbox.push({ topic: 't', QoS: 1 }, new ArrayBuffer(100))
    expect(written).toEqual([])
    outbox.writable((room = 400))
    outbox.writable((room = 600))
    outbox.writable((room = 600))
    expect(written).toEqual([390, 600, 10, 100])
    expect(outbox.waitingBytes()).toBe(0)
  })
})

describe('the set-up page of a board', () => {
  const good = 'ssid=Ward+3&password=geheim123&host=10.0.0.2&device=bed-7&secret=s%26cret&breathing=ventilated'
  const page = (method: string, body: string) => setupPage({ method, body, networks: ['Ward <3>'], deviceHint: 'a1b2c3' })

  it('asks, with the networks it has found and no secret in it', () => {
    expect(page('GET', '')).toMatchObject({ status: 200 })
    expect(page('GET', '').body).toContain('Ward &#60;3&#62;')
    expect(page('POST', 'ssid=x&secret=verysecret').body).not.toContain('verysecret')
  })

  it('takes the answers', () =>
    expect(page('POST', good).settings).toEqual({ ssid: 'Ward 3', password: 'geheim123', host: '10.0.0.2', port: 8_883, site: 'main', device: 'bed-7', secret: 's&cret', breathing: 'ventilated' }))

  it.each([
    [{}, 'Choose the Wi-Fi network'],
    [{ ssid: 'x', password: 'short' }, '8 to 63 characters'],
    [{ ssid: 'x', host: 'a b' }, 'address of the server'],
    [{ ssid: 'x', host: 'h', port: '99999' }, 'from 1 to 65535'],
    [{ ssid: 'x', host: 'h', device: 'bed 7' }, '1 to 64 letters'],
    [{ ssid: 'x', host: 'h', device: 'd' }, 'Give the secret'],
  ])('says what is wrong with %j', (fields, sentence) => expect(checkSettings(fields)).toMatchObject({ ok: false, why: expect.stringContaining(sentence) as string }))

  it('opens a network of its own, answers every name with itself, and is gone when it has what it needs', () => {
    const events: string[] = []
    let answer: ((message: number, value?: unknown) => string | undefined) | undefined
    const server: { callback: HttpCallback; close(): void } = { callback: () => undefined, close: () => void events.push('http closed') }
    startSetupPortal(
      {
        wifi: { accessPoint: ({ ssid }) => void events.push(ssid), scan: (_, found) => [{ ssid: 'Ward 3' }, { ssid: '' }, null].forEach((item) => found(item)) },
        HttpServer: function HttpServer() { return server } as unknown as new () => typeof server,
        DnsServer: class { constructor(look: typeof answer) { answer = look } close() { events.push('dns closed') } },
        ownAddress: () => '192.168.4.1',
        done: ({ device }) => void events.push(`done ${device}`),
      },
      'a1b2c3',
    )
    const request: HttpRequestState = {}
    const say = (message: number, value?: unknown, more?: unknown): unknown => server.callback.call(request, message, value, more)
    expect(answer?.(1, 'captive.example')).toBe('192.168.4.1')
    say(HttpMessage.STATUS, '/', 'POST')
    expect(say(HttpMessage.HEADERS_COMPLETE)).toBe(String)
    say(HttpMessage.REQUEST_COMPLETE, good)
    expect(say(HttpMessage.PREPARE_RESPONSE)).toMatchObject({ status: 200, body: expect.stringContaining('Saved') as string })
    expect(events).toEqual(['vigil-a1b2c3'])
    say(HttpMessage.RESPONSE_COMPLETE)
    expect(events).toEqual(['vigil-a1b2c3', 'http closed', 'dns closed', 'done bed-7'])
  })
})

describe('the sensors of a small board', () => {
  it('are those of the registry that need no word of a person, in its order', () => expect(boardSensors).toEqual(sensorRegistry.filter(({ confirm }) => confirm === undefined)))
})
