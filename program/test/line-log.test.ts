import { describe, expect, it } from 'vitest'
import { createLineLog } from '../src/line-log.ts'

function logged(say: (log: ReturnType<typeof createLineLog>) => void, level = 'info'): Record<string, unknown>[] {
  const lines: string[] = []
  say(createLineLog('vigil-x', level, (line) => lines.push(line)))
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>)
}

describe('the log of a small program', () => {
  it('is one line of JSON per event, with its program and time', () => {
    const [line] = logged((log) => log.info({ count: 3 }, 'spool.sent'))
    expect(line).toEqual({ level: 30, time: expect.any(Number), program: 'vigil-x', event: 'spool.sent', count: 3 })
  })

  it('leaves out what is below its level', () => {
    expect(logged((log) => log.info({}, 'a'), 'warn')).toEqual([])
    expect(logged((log) => log.error({}, 'a'), 'warn')).toHaveLength(1)
  })

  it('never says a secret, however deep, and tells an error with its code', () => {
    const [line] = logged((log) => log.error({ secret: 'x', at: { password: 'y' }, err: Object.assign(new TypeError('no'), { code: 'E1' }) }, 'a'))
    expect(line).toMatchObject({ secret: '[secret]', at: { password: '[secret]' }, err: { type: 'TypeError', message: 'no', code: 'E1' } })
  })
})
