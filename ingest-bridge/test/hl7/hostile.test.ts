import { describe, expect, it } from 'vitest'
import { messagesIn, readAdmission, readMessage } from '@vigil/contract/hl7/index'
import { toRecords } from '../../src/hl7/records.ts'

const HEADER = 'MSH|^~\\&|MON||||20260301000000||ORU^R01|1|P|2.6\r'
/** Half of what a frame may hold. A reader whose work grows with its square is at it for hours. */
const BYTES = 500_000
const fill = (piece: string) => piece.repeat(Math.floor(BYTES / piece.length))
const recordsOf = (text: string) => {
  const reading = readMessage(Buffer.from(text, 'latin1'))
  if (!reading.ok) throw new Error(reading.why)
  return toRecords(reading.message, { receivedMs: 1_772_362_800_000, offsetMinutes: 0, givenFirst: false, codes: [] })
}

describe('a message made to keep the bridge busy', { timeout: 20_000 }, () => {
  it.each([
    ['a value that repeats', `OBX|1|NM|X||${fill('1~')}\r`],
    ['a structured value that repeats', `OBX|1|SN|X||${fill('^1~')}\r`],
    ['the same row again and again', fill('OBX|1|NM|X||1\r')],
    ['a second value of one moment again and again', fill('OBX|1|NM|8867-4^HR^LN||60|/min|||||F\r')],
    ['waveforms without end', fill('OBX|1|NA|X|1.1|1\r')],
    ['waveforms and what describes them', fill('OBX|1|NA|X|1.1|1\rOBX|1|NM|1^MDC_ATTR_SAMP_RATE|1.1.1|1\r')],
    ['a flag that repeats', `OBX|1|NM|8867-4^HR^LN||60|/min||${fill('A~')}|||F\r`],
    ['a long unit of a value that repeats', `OBX|1|NM|X||${'1~'.repeat(100_000)}|${'m'.repeat(250_000)}\r`],
    ['a place of many parts', `PV1|||${fill('a^')}\rOBX|1|NM|X||1\r`],
  ])('is read in one go: %s', (_what, rows) => {
    const { samples, findings } = recordsOf(`${HEADER}PID|||1\r${rows}`)
    expect([samples.length <= 1, findings.length <= 1_000]).toEqual([true, true])
  })

  it('is read in one go: a long stamp in the header, asked for by every row', () => {
    expect(recordsOf(`${HEADER.replace('20260301000000', '2'.repeat(250_000))}PID|||1\r${'OBX|1|NM|X||1\r'.repeat(15_000)}`).samples).toHaveLength(1)
  })

  it('is read in one go: a patient of many numbers, an alarm for each of many requests, a batch of many ends', () => {
    const numbers = readMessage(Buffer.from(`${HEADER.replace('ORU^R01', 'ADT^A01')}PID|||${fill('1~')}||A^B\r`))
    expect(numbers.ok && readAdmission(numbers.message)?.identifier).toBe('1')
    expect(recordsOf(`${HEADER.replace('R01', 'R40')}PID|||1\r${fill('OBR|1\rOBX|1|ST|196616^MDC_EVT_ALARM^MDC|1.0.0.0.1|x\r')}`).events.length).toBeGreaterThan(9_000)
    expect(messagesIn(Buffer.from(`FHS|^~\\&\r${fill('MSH\rBTS\r')}`))).toHaveLength(BYTES / 8)
  })

  it('keeps every value under a name of its own, however many share one', () => {
    const name = 'a-name-that-is-longer-than-any-name-may-be'
    const [sample] = recordsOf(`${HEADER}PID|||1\r${Array.from({ length: 250 }, (_, i) => `OBX|${i}|NM|${name}||${i}\r`).join('')}`).samples
    expect(Object.values(sample?.m ?? {}).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 250 }, (_, i) => i))
    expect(Object.keys(sample?.m ?? {}).every((key) => /^[A-Za-z][A-Za-z0-9_]{0,31}$/.test(key))).toBe(true)
  })

  it('a number of more digits than can be counted is none', () => {
    expect(recordsOf(`${HEADER}PID|||1\rOBX|1|NM|X||${'9'.repeat(400)}\r`)).toMatchObject({ samples: [], findings: [{ why: 'NOT_A_NUMBER' }] })
  })
})
