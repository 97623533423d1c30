import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { latin1Bytes, readAdmission, readMessage } from '../../src/hl7/index.ts'

const adt = (event: string, segments: readonly string[]) => `MSH|^~\\&|HIS|H|VIGIL||20260301120000+0100||ADT^${event}^ADT_${event}|1|P|2.5\r${segments.join('\r')}\r`
const read = (text: string, offsetMinutes?: number) => {
  const reading = readMessage(latin1Bytes(text))
  return reading.ok ? readAdmission(reading.message, offsetMinutes) : undefined
}
const PID = 'PID|1||4711^^^H^MR~99^^^H^PI||M\\T\\ller^Jo^^^^^L||19550203|F'

describe('what a hospital tells of its patients', () => {
  it('an admission has who, where, when and why', () => {
    expect(read(adt('A01', ['EVN|A01|20260301115900+0100', PID, 'PV1|1|I|EAST^R2^E3^H||||||||||||||||V-77|||||||||||||||||||||||||20260301113000+0100', 'PV2|||^pneumonia']))).toEqual({
      event: 'A01', atMs: Date.UTC(2026, 2, 1, 10, 30), identifier: '4711', family: 'M&ller', given: 'Jo', birthDate: '1955-02-03', sex: 'female',
      location: ['EAST', 'R2', 'E3', 'H'], visit: 'V-77', reason: 'pneumonia', merged: '',
    })
  })

  it('a discharge is dated by PV1-45, else by the event, else by the message', () => {
    const pv1 = (end: string) => `PV1|1|I|EAST^R2^E3${'|'.repeat(42)}${end}`
    expect(read(adt('A03', ['EVN|A03|20260301115900+0100', PID, pv1('20260301110000')]), 60)?.atMs).toBe(Date.UTC(2026, 2, 1, 10))
    expect(read(adt('A03', ['EVN|A03|20260301115900+0100', PID, pv1('')]))?.atMs).toBe(Date.UTC(2026, 2, 1, 10, 59))
    expect(read(adt('A03', [PID]))?.atMs).toBe(Date.UTC(2026, 2, 1, 11))
  })

  it('two records made one name the number that is no more', () => {
    expect(read(adt('A40', [PID, 'MRG|0815^^^H^MR']))).toMatchObject({ event: 'A40', identifier: '4711', merged: '0815' })
  })

  it.each([
    ['a birth date of noughts', 'PID|1||1^^^H^MR||A^B||00000000|M', { birthDate: undefined, sex: 'male' }],
    ['a year alone', 'PID|1||1^^^H^MR||A^B||1955|', { birthDate: undefined, sex: undefined }],
    ['no number', 'PID|1||^^^H^PI||A^B', { identifier: undefined }],
    ['a name that is to be empty', 'PID|1||1||""^""', { family: '', given: '' }],
    ['signs that are no text', 'PID|1||a\\X00\\b||A\\.br\\B^\\X07\\', { identifier: 'a b', family: 'A B', given: '' }],
  ])('%s is no surprise', (_, pid, expected) => {
    expect(read(adt('A08', [pid]))).toMatchObject(expected)
  })

  it('anything else is not taken', () => {
    for (const event of ['A02', 'A04', 'A11', 'A13', 'A18', 'R01']) expect(read(adt(event, [PID]))).toBeUndefined()
  })

  it('holds only what the database can hold, whatever is sent', () => {
    fc.assert(
      fc.property(fc.constantFrom('A01', 'A03', 'A08', 'A40'), fc.array(fc.string({ unit: 'binary', maxLength: 120 }), { maxLength: 8 }), (event, fields) => {
        const notice = read(adt(event, [`PID|${fields.join('|')}`, `PV1|${fields.join('|')}`, `MRG|${fields.join('|')}`]))
        const texts = notice ? [notice.identifier ?? 'x', notice.family, notice.given, notice.reason, notice.visit, notice.merged, ...notice.location] : []
        return texts.every((text) => !/\0/.test(text) && text.isWellFormed() && text.length <= 500) && (notice?.birthDate === undefined || !Number.isNaN(Date.parse(notice.birthDate)))
      }),
      { seed: 11, numRuns: 20 },
    )
  })
})
