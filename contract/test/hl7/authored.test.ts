import { describe, expect, it } from 'vitest'
import { acknowledge, latin1, type Message, type MessageFate, type MessageReading, messageType, readMessage, readObservations, readSourceAlarms } from '../../src/hl7/index.ts'
import { authored, bytesOf, type Expected, messagesOf, readings } from './corpus.ts'

const context = { offsetMinutes: 0, givenFirst: false, receivedMs: Date.UTC(2026, 2, 1, 12) }

function read(expected: Expected): readonly Message[] {
  const bytes = bytesOf(expected.file)
  return expected.framed && !bytes.includes(0x0b) ? [] : readings(bytes).flatMap((reading) => (reading.ok ? [reading.message] : []))
}

const withObservations = authored().filter(({ observations }) => observations !== null && observations.length > 0)

describe('authored messages of monitors give the observations they hold', () => {
  it.each(withObservations)('$name', (expected) => {
    const results = read(expected).flatMap((message) => readObservations(message, context))
    const found = results.flatMap(({ observations, patient }) =>
      observations.map(({ signal, value, timeMs, code, channel, low, high, status, warnings, flags, notes }) => ({
        metric: signal.key,
        value,
        unit: signal.ucum,
        time: new Date(timeMs).toISOString(),
        code: code.code,
        channel,
        low,
        high,
        status,
        flags,
        notes,
        warning: warnings[0],
        family: patient.family,
      })),
    )
    const wanted = (expected.observations ?? []).map((row) => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)))
    expect(found).toHaveLength(wanted.length)
    expect(found).toMatchObject(wanted)
  })

  it.each(authored().filter(({ observations, err }) => observations?.length === 0 && err === null))('$name gives none', (expected) => {
    expect(read(expected).flatMap((message) => readObservations(message, context)).flatMap(({ observations }) => observations)).toEqual([])
  })
})

describe('source alarms', () => {
  it.each(authored().filter(({ alarm }) => alarm !== null))('$name', (expected) => {
    const [alarm] = read(expected).flatMap((message) => readSourceAlarms(message, context))
    const { id, time, ...rest } = expected.alarm as { id: string; time?: string }
    expect(`${alarm?.id.join('^')}^`).toContain(`${id}^`)
    if (time !== undefined) expect(new Date(alarm?.timeMs ?? 0).toISOString()).toBe(time)
    expect(alarm).toMatchObject(rest)
  })
})

describe('answers', () => {
  const answerable = authored().filter(({ messages, category }: Expected & { category?: string }) => messages > 0 && category !== 'framing')
  it.each(answerable)('$name is answered as its sender asked', (expected) => {
    for (const inbound of messagesOf(bytesOf(expected.file))) {
      const fate = fateOf(readMessage(inbound))
      const answer = acknowledge({ inbound, fate, ownId: 'T1', nowMs: 0 })
      const text = latin1(answer ?? new Uint8Array())
      const code = /\rMSA.(\w\w)/.exec(text)?.[1]
      expect(expected.ack_any ?? [expected.ack]).toContain(code)
      if (expected.err !== null) expect(text).toMatch(new RegExp(`\rERR.*\\b${expected.err}\\b`))
    }
  })

  it('gives the control id back byte for byte', () => {
    const [inbound] = messagesOf(bytesOf('authored/cs-control-id-nonascii.hl7'))
    const answer = latin1(acknowledge({ inbound: inbound as Uint8Array, fate: { kind: 'stored' }, ownId: 'T1', nowMs: 0 }) ?? new Uint8Array())
    expect(answer).toContain('MSA|AA|\u00dc-1\r')
  })

  it('keeps MSA-2 empty where there is no header', () => {
    const answer = latin1(acknowledge({ inbound: bytesOf('authored/err-no-msh.hl7'), fate: { kind: 'unidentified', error: 100 }, ownId: 'T1', nowMs: 0 }) ?? new Uint8Array())
    expect(answer).toMatch(/\rMSA\|AR\|\r/)
  })
})

function fateOf(reading: MessageReading): MessageFate {
  if (!reading.ok) return { kind: 'unidentified', error: 100 }
  const { type, event } = messageType(reading.message)
  if (type !== 'ORU') return { kind: 'never', error: 200 }
  return event === 'R01' || event === 'R40' ? { kind: 'stored' } : { kind: 'never', error: 201 }
}
