// @vitest-environment node
import { describe, expect, it } from 'vitest'
import { arrival, enrolLine, enrolText } from '../../src/features/devices/arrival.ts'

describe('a board that is let in', () => {
  const done = (seen: Parameters<typeof arrival>[0]) => arrival(seen).filter((step) => step.done).map((step) => step.key)
  it('is ticked off step by step, and what the board before it sent counts for nothing', () => {
    const old = { pr: { v: 70, t: 500 } }
    expect(done({ state: 'waiting', status: 'online', values: old, sinceMs: 1_000 })).toEqual([])
    expect(done({ state: 'used', status: 'never', values: old, sinceMs: 1_000 })).toEqual(['code'])
    expect(done({ state: 'used', status: 'online', values: { pr: { v: null, t: 2_000, x: 'warmup' } }, sinceMs: 1_000 })).toEqual(['code', 'connected', 'reading'])
    expect(done({ state: 'used', status: 'online', values: { pr: { v: 71, t: 3_000 } }, sinceMs: 1_000 })).toEqual(['code', 'connected', 'reading', 'sensors'])
  })

  it('reads the same from the camera and from the keyboard', () => {
    expect(JSON.parse(enrolText('https://ward.example', { code: 'K7QX3-M9TBD', fingerprint: 'ab' }))).toEqual({ url: 'https://ward.example', code: 'K7QX3-M9TBD', fingerprint: 'ab' })
    expect(enrolLine('https://ward.example', { code: 'K7QX3-M9TBD' })).toBe('npm run agent -- enrol --url https://ward.example --code K7QX3-M9TBD')
  })
})
