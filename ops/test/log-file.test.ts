import { appendFileSync, readFileSync, statSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { lastComplaint, logMark, openLog, readTail, rotateIfLarge } from '../src/supervisor/log-file.ts'
import { emptyFolder } from './support/folders.ts'

const line = (level: number, event: string, more: object = {}) => `${JSON.stringify({ level, event, ...more })}\n`

describe('the log of a program', () => {
  it('never grows past its limit for long, and keeps three old ones', () => {
    const path = join(emptyFolder(), 'broker.log')
    for (const content of ['a', 'b', 'c', 'd', 'e']) {
      writeFileSync(path, content.repeat(100))
      expect(rotateIfLarge(path, 100)).toBe(true)
    }
    expect(['', '.1', '.2', '.3'].map((old) => readFileSync(path + old, 'utf8').charAt(0))).toEqual(['', 'e', 'd', 'c'])
    expect(statSync(`${path}.4`, { throwIfNoEntry: false })).toBeUndefined()
  })

  it('goes on at its new end while the program keeps the file open', () => {
    const path = join(emptyFolder(), 'logs', 'broker.log')
    const file = openLog(path)
    writeSync(file, 'x'.repeat(200))
    expect(rotateIfLarge(path, 100)).toBe(true)
    writeSync(file, 'next')
    expect(readFileSync(path, 'utf8')).toBe('next')
  })

  it('is read only from where the program began', () => {
    const path = join(emptyFolder(), 'broker.log')
    writeFileSync(path, line(60, 'old trouble'))
    const mark = logMark(path)
    appendFileSync(path, line(30, 'all well'))
    expect(readTail(path, mark)).toBe(line(30, 'all well'))
    expect(readTail(join(path, '..', 'none.log'))).toBe('')
  })
})

describe('why a program ended', () => {
  it.each([
    ['its last error', line(50, 'first') + line(60, 'Port 1883 is in use') + line(30, 'bye'), 'Port 1883 is in use'],
    ['the cause within', line(50, 'bridge.failed', { err: { message: 'no route' } }), 'bridge.failed: no route'],
    ['what Node prints when it falls', `${line(30, 'fine')}/a/b.ts:3\n  x()\n  ^\n\nTypeError: x is not a function\n    at b.ts:3\n\nNode.js v24.21.0\n`, 'TypeError: x is not a function'],
    ['nothing when all was well', line(30, 'fine'), undefined],
    ['nothing when it said nothing', '', undefined],
  ])('is %s', (_, said, why) => {
    expect(lastComplaint(said)).toBe(why)
  })
})
