import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { AppError } from '@vigil/contract'
import { wordsOf } from '../src/error-words.ts'

describe('an error in words', () => {
  it('is never nothing', async () => {
    expect(wordsOf(new AppError('PORT_TAKEN', 'Port 9 is in use.'))).toBe('PORT_TAKEN: Port 9 is in use.')
    expect(wordsOf(new TypeError('x is not a function'))).toBe('x is not a function')
    expect(wordsOf(new RangeError(''))).toBe('RangeError')
    expect(wordsOf(Object.assign(new TypeError(''), { code: 'EPIPE' }))).toBe('EPIPE')
    expect(wordsOf('only a text')).toBe('only a text')
    // As it comes from a host with two addresses, none of which answers.
    const refused = await new Promise<Error>((resolve) => {
      connect({ host: 'localhost', port: 1, autoSelectFamily: true, lookup: (_name, _options, done) => done(null, [{ address: '127.0.0.1', family: 4 }, { address: '::1', family: 6 }]) }).once('error', resolve)
    })
    expect(refused.message).toBe('')
    expect(wordsOf(refused)).toContain('127.0.0.1:1')
  })
})
