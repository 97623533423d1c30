import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SampleFifo } from '../../src/sim/chips/sample-fifo.ts'

const filled = (samples: number, rollOver = true): SampleFifo => {
  const fifo = new SampleFifo()
  fifo.rollOver = rollOver
  for (let n = 0; n < samples; n += 1) fifo.push(Uint8Array.of(n & 0xff, 0xaa))
  return fifo
}
const pop = (fifo: SampleFifo): number => {
  const first = fifo.nextByte()
  fifo.nextByte()
  return first
}

describe('the oximeter\'s FIFO', () => {
  it('moves its read pointer with the first byte of a sample', () => {
    const fifo = filled(3)
    expect(fifo.nextByte()).toBe(0)
    expect(fifo.readPointer).toBe(1)
    expect(fifo.nextByte()).toBe(0xaa)
    expect(fifo.readPointer).toBe(1)
  })

  it('has equal pointers when empty and when full', () => {
    expect([filled(0).writePointer, filled(0).readPointer, filled(0).unread]).toEqual([0, 0, 0])
    expect([filled(32).writePointer, filled(32).readPointer, filled(32).unread]).toEqual([0, 0, 32])
  })

  it('with roll-over keeps the newest 32 and counts what it pushed out', () => {
    const fifo = filled(40)
    expect(fifo.overflow).toBe(8)
    expect(pop(fifo)).toBe(8)
  })

  it('without roll-over keeps the oldest 32', () => {
    const fifo = filled(40, false)
    expect(fifo.overflow).toBe(8)
    expect(pop(fifo)).toBe(0)
  })

  it('counts to 31 and no further, and forgets the count when a sample has been read whole', () => {
    const fifo = filled(100)
    expect(fifo.overflow).toBe(31)
    fifo.nextByte()
    expect(fifo.overflow).toBe(31)
    fifo.nextByte()
    expect(fifo.overflow).toBe(0)
  })

  it('gives a sample again when the read pointer is put back', () => {
    const fifo = filled(5)
    pop(fifo)
    pop(fifo)
    fifo.readPointer = 1
    expect(fifo.unread).toBe(4)
    expect(pop(fifo)).toBe(1)
  })

  it('gives zeros when empty and does not move', () => {
    const fifo = filled(1)
    pop(fifo)
    expect(fifo.nextByte()).toBe(0)
    expect([fifo.readPointer, fifo.unread]).toEqual([1, 0])
  })

  it('loses and invents nothing, however pushes and reads are mixed', () => {
    const moves = fc.array(fc.integer({ min: -6, max: 12 }), { maxLength: 60 })
    fc.assert(
      fc.property(moves, (steps) => {
        const fifo = filled(0)
        const model: number[] = []
        let next = 0
        for (const step of steps) {
          for (let n = 0; n < step; n += 1) {
            fifo.push(Uint8Array.of(next & 0xff))
            model.push(next & 0xff)
            next += 1
            if (model.length > 32) model.shift()
          }
          for (let n = 0; n < -step && model.length > 0; n += 1) expect(fifo.nextByte()).toBe(model.shift())
          expect(fifo.unread).toBe(model.length)
          expect((fifo.writePointer - fifo.readPointer) & 31).toBe(model.length & 31)
        }
      }),
      { seed: 32 },
    )
  })
})
