import { describe, expect, it } from 'vitest'
import { nameOfPeer, readAmqpUrl } from '../../src/sources/amqp-address.ts'
import { fromAmqp, toAmqp } from '../../src/sources/amqp-message.ts'

describe('the address of an AMQP peer', () => {
  it('is read with its user name and password as they are, and named without them', () => {
    const url = 'amqps://ward:p%40ss%2F1@[::1]:5999'
    expect(readAmqpUrl(url)).toEqual({ secure: true, host: '::1', port: 5999, username: 'ward', password: 'p@ss/1' })
    expect(nameOfPeer(url)).not.toContain('ward')
    expect(readAmqpUrl('amqp://queue.example')).toEqual({ secure: false, host: 'queue.example', port: 5672, username: undefined, password: undefined })
  })

  it.each(['http://h', 'amqp', 'amqp://h/vhost', 'amqp://u:%zz@h'])('%s is refused, naming the setting', (url) => {
    expect(() => readAmqpUrl(url)).toThrow(/VIGIL_AMQP_URL/)
  })
})

describe('a message on its way', () => {
  const now = Date.UTC(2026, 2, 1)
  it('keeps topic, payload and the time it was first received', () => {
    const sent = { topic: 'vitals/1/main/bed-1/tele', payload: Buffer.from('{}'), receivedAt: now - 5_000 }
    expect(fromAmqp(toAmqp(sent), now)).toEqual(sent)
  })

  it.each<[string, unknown]>([
    ['ahead of ours', now + 60_000],
    ['never set', 0],
    ['no number', 'soon'],
  ])('is not dated by a clock that is %s', (_what, received) => {
    expect(fromAmqp({ body: '{}', application_properties: { received } }, now).receivedAt).toBe(now)
  })

  it('without anything readable becomes an empty payload without topic, not a failure', () => {
    expect(fromAmqp({ body: 10n }, now)).toEqual({ topic: '', payload: Buffer.alloc(0), receivedAt: now })
    expect(fromAmqp(Buffer.from('another format'), now)).toEqual({ topic: '', payload: Buffer.from('another format'), receivedAt: now })
    expect(fromAmqp({ body: undefined, subject: 'a' }, now)).toMatchObject({ topic: 'a', payload: Buffer.alloc(0) })
  })
})
