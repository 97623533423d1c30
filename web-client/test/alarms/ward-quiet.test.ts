// @vitest-environment node
import { describe, expect, it } from 'vitest'
import type { AudioNow } from '@vigil/contract/api/alarms'
import { pauseEnd } from '../../src/alarms/pause-end.ts'
import { wardQuiet } from '../../src/alarms/ward-quiet.ts'

const NOW = Date.UTC(2026, 6, 14)
const iso = (ms: number) => new Date(NOW + ms).toISOString()

describe('the end of a pause', () => {
  it('is its time, never without one, and nothing where nothing is paused', () => {
    expect(pauseEnd({ mode: 'paused', until: iso(60_000) })).toBe(NOW + 60_000)
    expect(pauseEnd({ mode: 'paused' })).toBe(Infinity)
    expect([pauseEnd({ mode: 'on' }), pauseEnd({ mode: 'off', until: iso(1) }), pauseEnd(undefined)]).toEqual([undefined, undefined, undefined])
  })
})

describe('what of a ward is heard', () => {
  const heard = (...audio: (AudioNow | undefined)[]) => wardQuiet(audio.map((_, i) => String(i)), (stay) => audio[Number(stay)], NOW)
  const paused: AudioNow = { mode: 'paused', until: iso(120_000) }
  const over: AudioNow = { mode: 'paused', until: iso(-1) }

  it('is all of it, part of it, or nothing', () => {
    expect(heard(undefined, { mode: 'on' }, over)).toMatchObject({ of: 3, paused: 0, hasSound: true, isWhole: false })
    expect(heard(paused, paused)).toMatchObject({ of: 2, paused: 2, hasSound: false, isWhole: true, endMs: NOW + 120_000 })
    expect(heard(paused, { mode: 'off' })).toMatchObject({ paused: 1, hasSound: false, isWhole: true })
  })

  it('is still quiet as a whole when one patient of several sounds again, not because one is paused', () => {
    expect(heard(paused, paused, undefined)).toMatchObject({ hasSound: true, isWhole: true })
    expect(heard(paused, undefined)).toMatchObject({ hasSound: true, isWhole: false })
    expect(heard({ mode: 'off' }, { mode: 'off' })).toMatchObject({ paused: 0, hasSound: false, isWhole: false })
  })

  it('can be paused before anybody is known there', () => expect(heard()).toMatchObject({ of: 0, hasSound: true, isWhole: false }))
})
