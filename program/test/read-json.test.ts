import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jsonText, readJson } from '../src/read-json.ts'

const nest = (levels: number, core = '') => '['.repeat(levels) + core + ']'.repeat(levels)

describe('JSON of a message', () => {
  it('is read as JSON.parse reads it, short and long, whatever its texts hold', () => {
    const value = fc.jsonValue({ maxDepth: 8 })
    fc.assert(fc.property(value, fc.string({ unit: fc.constantFrom('[', '{', '"', '\\', 'a'), maxLength: 300 }), (inner, text) => {
      const written = JSON.stringify([inner, text, text.repeat(20)])
      for (const long of [written, JSON.stringify([inner, text, 'x'.repeat(3_000)])]) expect(readJson(long)).toEqual(JSON.parse(long))
    }), { seed: 11, numRuns: 200 })
  })

  it('is none when it is broken, or nested so deeply that whoever writes it again would fall', () => {
    expect(readJson('{"a":')).toBeUndefined()
    expect(readJson(nest(99, '1'.repeat(3_000)))).toBeDefined()
    for (const levels of [1_001, 30_000]) expect(readJson(`{"caps":${nest(levels)}}`)).toBeUndefined()
  })

  it('is written whatever it is', () => {
    expect(jsonText({ a: 1n, b: [undefined] })).toBe('{"a":"1","b":[null]}')
    expect(jsonText(undefined)).toBe('null')
    expect(jsonText(JSON.parse(nest(50_000)))).toMatch(/nested too deeply/)
  })
})
