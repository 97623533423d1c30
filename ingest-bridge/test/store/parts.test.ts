import fc from 'fast-check'
import { normaliseRanges, type Range } from '@vigil/contract'
import { describe, expect, it } from 'vitest'
import type { Item, Numbered } from '../../src/pipeline/item.ts'
import { ByteWriter } from '../../src/store/byte-writer.ts'
import { dropKnown, freshRanges, groupItems } from '../../src/store/groups.ts'
import { formatMultirange, parseMultirange } from '../../src/store/multirange.ts'
import { explain, sqlStateOf, verdictOn } from '../../src/store/refusal.ts'

const refused = (code: string) => Object.assign(new Error('no'), { code })

describe('whose fault a failed transaction is', () => {
  it.each(['22P05', '22003', '23514', '23502', '54000'])('the data: %s', (code) => expect(verdictOn(refused(code))).toBe('refused'))
  it.each(['08006', '25006', '28P01', '3D000', '40001', '40P01', '42P01', '53100', '53300', '57P01', '58030', 'XX000'])('the database: %s', (code) => expect(verdictOn(refused(code))).toBe('away'))
  it.each(['ECONNREFUSED', 'ECONNRESET', 'EPIPE'])('the network: %s', (code) => {
    expect(verdictOn(refused(code))).toBe('away')
    expect(sqlStateOf(refused(code))).toBeUndefined()
  })
  it('our own encoder cannot write the value', () => expect(verdictOn(new RangeError('value out of range'))).toBe('refused'))

  it('is told to the operator as what to do', () => {
    expect(explain(refused('42P01'))).toContain('migrations')
    expect(explain(refused('28P01'))).toContain('DATABASE_URL')
    expect(explain(refused('25006'))).toContain('read-only')
    expect(explain(refused('53300'))).toBe('PostgreSQL answered 53300')
    expect(explain(new Error('connect ECONNREFUSED 127.0.0.1:1'))).toBe('connect ECONNREFUSED 127.0.0.1:1')
    expect(explain('odd')).toBe('unknown failure')
  })
})

const someRanges = fc.array(fc.tuple(fc.integer({ min: 1, max: 1_000 }), fc.integer({ min: 0, max: 20 }))).map((pairs) => normaliseRanges(pairs.map(([from, more]): Range => [from, from + more])))

it('ranges come back from PostgreSQL as they went', () => {
  fc.assert(
    fc.property(someRanges, (ranges) => {
      expect(parseMultirange(formatMultirange(ranges))).toEqual(ranges)
    }),
  )
  expect(formatMultirange([[1, 812], [900, 900]])).toBe('{[1,813),[900,901)}')
})

const item = (epoch: string, seq: number): Item => ({ kind: 'gap', epoch, seq, lost: [1, 1], from: { source: '', topic: '', address: undefined, receivedAt: 0, payload: Buffer.alloc(0) } })
const placed = (deviceNo: number, epoch: string, seq: number) => ({ deviceNo, address: { site: 'main', device: `d${deviceNo}` }, item: item(epoch, seq), key: { epoch, seq } satisfies Numbered })

describe('a batch by device and epoch', () => {
  it('is in one order for every bridge, with repeated numbers dropped', () => {
    const { groups, duplicates } = groupItems([placed(2, 'b', 1), placed(10, 'a', 1), placed(2, 'B', 1), placed(2, 'b', 1), placed(2, 'b', 7)])
    expect(groups.map((group) => `${group.deviceNo}${group.epoch}`)).toEqual(['2B', '2b', '10a'])
    expect(duplicates).toBe(1)
    expect(freshRanges(groups[1] as never)).toEqual([[1, 1], [7, 7]])
  })

  it('names its numbers as ranges in whatever order they come', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }), someRanges, (numbers, known) => {
        const [group] = groupItems(numbers.map((seq) => placed(1, 'a', seq))).groups
        const dropped = dropKnown(group as never, known)
        const left = [...new Set(numbers)].filter((n) => !known.some(([from, to]) => n >= from && n <= to))
        expect(freshRanges(group as never)).toEqual(normaliseRanges(left.map((n): Range => [n, n])))
        expect(dropped).toBe(new Set(numbers).size - left.length)
      }),
    )
  })
})

it('numbers are written as PostgreSQL reads them, however the buffer has to grow', () => {
  const writer = new ByteWriter(8)
  const whole = [0, 1, -1, 2 ** 31, -(2 ** 31) - 1, Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER]
  writer.reset(3)
  for (const value of whole) {
    writer.reserve(8)
    writer.int64(value)
  }
  const bytes = writer.view()
  expect(whole.map((_, i) => Number(bytes.readBigInt64BE(3 + 8 * i)))).toEqual(whole)
  writer.reset()
  writer.bytes(Buffer.alloc(100, 7))
  expect(writer.view()).toEqual(Buffer.alloc(100, 7))
})
