import { describe, expect, it } from 'vitest'
import { misfit } from '../../src/commands/device-schema.ts'

const blink = { type: 'object', properties: { seconds: { type: 'integer', minimum: 1, maximum: 60 } }, required: ['seconds'], additionalProperties: false }

describe('arguments against what a device describes', () => {
  it('fit, or say in words what does not', () => {
    expect(misfit(blink, { seconds: 10 })).toBeUndefined()
    expect(misfit(blink, { seconds: 600 })).toBe('seconds must be <= 60')
    expect(misfit(blink, {})).toMatch(/required/)
    expect(misfit(blink, { seconds: 1, loud: true })).toBeTypeOf('string')
  })
  it('are never run through a regular expression of the device', () => {
    const hostile = { type: 'string', pattern: '^(a+)+$' }
    expect(misfit(hostile, `${'a'.repeat(40)}!`)).toBeUndefined()
    expect(misfit({ type: 'object', properties: { pattern: { type: 'integer' } } }, { pattern: 'x' })).toBe('pattern must be integer')
  })
  it('fit no description that cannot be read, and nothing breaks', () => {
    expect(misfit({ $ref: '#' }, 1)).toBeTypeOf('string')
  })
})
