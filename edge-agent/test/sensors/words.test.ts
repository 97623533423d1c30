import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { signed16, signed8, unsigned16BigEndian, unsigned16LittleEndian, unsigned24BigEndian } from '../../src/sensors/words.ts'

describe('numbers in bytes', () => {
  it('agree with what DataView reads', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 5, maxLength: 5 }), (bytes) => {
        const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
        expect(unsigned16BigEndian(bytes, 1)).toBe(view.getUint16(1))
        expect(unsigned16LittleEndian(bytes, 1)).toBe(view.getUint16(1, true))
        expect(unsigned24BigEndian(bytes, 1)).toBe(view.getUint32(1) >>> 8)
        expect(signed16(unsigned16BigEndian(bytes))).toBe(view.getInt16(0))
        expect(signed8(bytes[0] ?? 0)).toBe(view.getInt8(0))
      }),
      { seed: 1 },
    )
  })
})
