import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { AppError, errorCodes, isAppError, statusOf, type ErrorCode } from '../src/errors.ts'

const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'errors.md'), 'utf8')
const rows = [...page.matchAll(/^\| `([A-Z0-9_]+)` \| (\d+) \| (yes|no) \| (.+) \| (.+) \|$/gm)].map(([, code = '', status, again, meaning = '', todo = '']) => ({ code, status: Number(status), retry: again === 'yes', meaning, todo }))

describe('the page of errors', () => {
  it('has every code once, and no other', () => {
    expect(rows.map((row) => row.code).toSorted()).toEqual(Object.keys(errorCodes).toSorted())
  })

  for (const { code, status, retry, meaning, todo } of rows) {
    it(`tells of ${code} what the programs do`, () => {
      expect({ status, retry }).toEqual(errorCodes[code as ErrorCode])
      expect(Math.min(meaning.length, todo.length)).toBeGreaterThan(5)
    })
  }
})

describe('an error of ours', () => {
  it('is known by its code, also when another copy of this package made it', () => {
    const error = new AppError('BED_OCCUPIED', 'Somebody lies there.', { details: { stayId: 'x' } })
    expect([isAppError(error), statusOf(error.code), error.details]).toEqual([true, 409, { stayId: 'x' }])
    expect(isAppError(Object.assign(new Error('x'), { name: 'AppError', code: 'NOT_FOUND' }))).toBe(true)
    expect(isAppError(Object.assign(new Error('x'), { name: 'AppError', code: 'NO_SUCH_CODE' }))).toBe(false)
    expect(isAppError({ name: 'AppError', code: 'NOT_FOUND' })).toBe(false)
  })
})
