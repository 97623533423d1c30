import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createFramer, type FramingFault, latin1, latin1Bytes, toFrame } from '../../src/hl7/index.ts'
import { bytesOf } from './corpus.ts'

function cut(bytes: Uint8Array, sizes: readonly number[] = [], limitBytes?: number) {
  const faults: FramingFault[] = []
  const framer = createFramer({ onFault: (fault) => faults.push(fault), ...(limitBytes !== undefined && { limitBytes }) })
  const frames: string[] = []
  let at = 0
  let close = false
  for (const size of [...sizes, bytes.length]) {
    const answer = framer.push(bytes.subarray(at, at + size))
    frames.push(...answer.frames.map(latin1))
    close ||= answer.close
    at += size
  }
  framer.end()
  return { frames, faults, close }
}

const message = fc.string({ minLength: 1, maxLength: 60, unit: fc.constantFrom(...'MSH|^~&\\ab1\r é'.split('')) })

describe('MLLP framing', () => {
  it('gives the same messages in whatever portions they arrive', () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 5 }), fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 40 }), (messages, sizes) => {
        const stream = Uint8Array.from(messages.flatMap((text) => [...toFrame(latin1Bytes(text))]))
        expect(cut(stream, sizes)).toEqual({ frames: messages, faults: [], close: false })
      }),
      { seed: 7, numRuns: 300 },
    )
  })

  it.each([
    ['authored/fr-two-frames.hl7', 2, []],
    ['authored/fr-garbage-between.hl7', 2, ['junk']],
    ['authored/fr-fs-without-cr.hl7', 2, ['no_cr']],
    ['authored/fr-empty-frame.hl7', 1, ['empty']],
    ['authored/fr-truncated-eof.hl7', 0, ['truncated']],
    ['authored/fr-no-vt-http.hl7', 0, ['junk', 'not_mllp']],
  ] as const)('%s byte by byte: %i messages', (file, count, faults) => {
    const bytes = bytesOf(file)
    const outcome = cut(bytes, Array.from({ length: bytes.length }, () => 1))
    expect(outcome.frames).toHaveLength(count)
    expect(outcome.faults).toEqual(faults)
  })

  it('drops a frame that is begun anew, and never takes the rest for a whole one', () => {
    expect(cut(latin1Bytes('\x0bMSH|half\x0bMSH|whole\x1c\r'))).toEqual({ frames: ['MSH|whole'], faults: ['truncated'], close: false })
  })

  it('ends a connection whose message outgrows the limit before it has it all in memory', () => {
    expect(cut(latin1Bytes(`\x0b${'x'.repeat(300)}`), [100, 100], 150)).toMatchObject({ frames: [], faults: ['too_large', 'junk'], close: true })
  })

  it('ends a connection that speaks something else', () => {
    expect(cut(latin1Bytes('x'.repeat(400))).close).toBe(true)
  })
})
