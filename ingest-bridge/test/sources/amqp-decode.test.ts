import fc from 'fast-check'
import rhea from 'rhea'
import { describe, expect, it } from 'vitest'
import { readPlainMessage } from '../../src/sources/amqp-decode.ts'

const { message } = rhea
type Message = ReturnType<typeof message.decode>
const text = fc.string({ unit: 'binary', maxLength: 300 })
const payload = fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes))
const time = fc.integer({ min: -1_000, max: 4_000_000_000_000 }).map((ms) => new Date(ms))

/** What a producer may say beside the payload; each left out now and then. */
const plain = fc.record(
  {
    durable: fc.boolean(),
    priority: fc.integer({ min: 0, max: 9 }),
    ttl: fc.nat(),
    delivery_count: fc.nat(300),
    message_id: text,
    subject: text,
    content_type: fc.stringMatching(/^[a-z]{1,10}\/[a-z]{1,10}$/),
    creation_time: time,
    application_properties: fc.dictionary(fc.string({ minLength: 1, maxLength: 20 }).filter((name) => name !== '__proto__'), text, { maxKeys: 12 }),
    body: payload.map((bytes) => message.data_section(bytes)),
  },
  { requiredKeys: ['body'] },
)
/** What is the library's to read. */
const other = fc.constantFrom<Partial<Message>>(
  { body: 'text' },
  { body: { a: 1 } },
  { body: message.data_sections([Buffer.from('a'), Buffer.from('b')]) },
  { to: 'somebody' },
  { message_annotations: { a: 1 } },
  { application_properties: { topic: 'a', count: 1 } },
  { application_properties: { topic: 'a', at: null } },
  { correlation_id: 7 },
  { group_id: 'a' },
)

function asked({ application_properties, message_id, subject, content_type, creation_time, body }: Message) {
  const { content } = body as { content: Buffer }
  return { application_properties: { ...application_properties }, message_id, subject, content_type, creation_time, content }
}

describe('a message read in place', () => {
  it('is what the library reads of it', () => {
    fc.assert(
      fc.property(plain, (said) => {
        const bytes = message.encode(said)
        const read = readPlainMessage(bytes)
        expect(read).toBeDefined()
        expect(asked(read as Message)).toEqual(asked(message.decode(bytes)))
      }),
    )
  })

  it('is left to the library in any other form', () => {
    fc.assert(
      fc.property(plain, other, (said, more) => {
        expect(readPlainMessage(message.encode({ ...said, ...more }))).toBeUndefined()
      }),
    )
  })

  it('is left to the library when it is cut off or broken, and never throws', () => {
    fc.assert(
      fc.property(plain, fc.nat(), fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 3 }), (said, at, changes) => {
        const whole = Buffer.from(message.encode(said))
        expect(readPlainMessage(whole.subarray(0, at % whole.length))).toBeUndefined()
        for (const [place, byte] of changes) whole[place % whole.length] = byte
        const read = readPlainMessage(whole)
        if (read) expect(asked(read as Message)).toEqual(asked(message.decode(whole)))
      }),
      { numRuns: 1_000 },
    )
  })
})
