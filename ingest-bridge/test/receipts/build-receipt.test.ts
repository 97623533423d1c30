import { checkReceipt, type Range } from '@vigil/contract'
import { describe, expect, it } from 'vitest'
import { buildReceipt } from '../../src/receipts/build-receipt.ts'
import { createPromiseBook, firstForgotten } from '../../src/receipts/promises.ts'

const odd = (from: number, count: number): Range[] => Array.from({ length: count }, (_, i): Range => [from + 2 * i, from + 2 * i])

describe('a receipt', () => {
  it('says how far the numbers are complete and what is there beyond', () => {
    expect(buildReceipt('a1', [[1, 812], [900, 910]], [905])).toEqual({ e: 'a1', upto: 812, have: [[900, 910]] })
    expect(buildReceipt('a1', [[5, 9]], [5])).toEqual({ e: 'a1', upto: 0, have: [[5, 9]] })
    expect(buildReceipt('a1', [], [])).toEqual({ e: 'a1', upto: 0 })
  })

  it('names the numbers just sent first when there are more holes than fit', () => {
    const receipt = buildReceipt('a1', odd(3, 2_000), [3, 5, 2_001])
    expect(receipt.have).toHaveLength(256)
    expect(receipt.have).toEqual(expect.arrayContaining([[3, 3], [5, 5], [2_001, 2_001], [4_001, 4_001]]))
    expect(checkReceipt(receipt).ok).toBe(true)
  })
})

describe('a promise', () => {
  const address = { site: 'main', device: 'bed-1' }

  it('is broken when the ledger knows less than it was told to hold', () => {
    const book = createPromiseBook()
    book.made(address, { e: 'a1', upto: 812, have: [[900, 910]] })
    expect(firstForgotten(book.of(address, 'a1'), [[1, 812], [900, 910], [912, 912]])).toBeUndefined()
    expect(firstForgotten(book.of(address, 'a1'), [[1, 640], [813, 813]])).toBe(641)
    expect(firstForgotten(book.of(address, 'a1'), [[1, 812]])).toBe(900)
    expect(firstForgotten(book.of(address, 'a1'), [])).toBe(1)
  })

  it('of the epoch that was quiet longest is forgotten when there are too many', () => {
    const book = createPromiseBook(2)
    for (const e of ['a', 'b', 'a', 'c']) book.made(address, { e, upto: 1 })
    expect(book.all().map(({ epoch }) => epoch)).toEqual(['a', 'c'])
  })
})
