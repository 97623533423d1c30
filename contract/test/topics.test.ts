import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { downChannels, isName, parseTopic, timeTopic, topicOf, upChannels, waveChannels, type Channel } from '../src/topics.ts'

const name = fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/)
const channel = fc.constantFrom<Channel>(...upChannels, ...downChannels, ...waveChannels.map((c) => `wave/${c}` as const), 'live')

describe('topics', () => {
  it('reads back every topic it writes', () => {
    fc.assert(fc.property(name, name, channel, (site, device, ch) => {
      expect(parseTopic(topicOf({ site, device }, ch))).toEqual({ site, device, channel: ch })
    }), { seed: 1 })
  })

  it.each([
    'vitals/1/main/board-1',
    'vitals/1/main/board-1/tele/more',
    'vitals/2/main/board-1/tele',
    'vitals/1/main//tele',
    'vitals/1/ma in/board-1/tele',
    'vitals/1/main/board-1/wave/anything',
    'vitals/1/main/+/tele',
    '$SYS/broker/clients',
    'vitals/1/main/$time',
    '',
    'a/'.repeat(500),
  ])('does not take %s for a device topic', (topic) => expect(parseTopic(topic)).toBeUndefined())

  it('never reads a device topic out of arbitrary text that is not one', () => {
    fc.assert(fc.property(fc.string({ maxLength: 80 }), (text) => {
      const parsed = parseTopic(text)
      expect(parsed === undefined || topicOf(parsed, parsed.channel) === text).toBe(true)
    }), { seed: 2 })
  })

  it('keeps the time beacon outside every device', () => {
    expect(timeTopic('main')).toBe('vitals/1/main/$time')
    expect(isName('$time')).toBe(false)
  })
})
