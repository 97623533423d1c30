import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import { defineComponent, h, nextTick, shallowRef } from 'vue'
import type { LatestValue } from '@vigil/contract/api/schema'
import { provideTick } from '../../src/composables/useNow.ts'
import { createWords } from '../../src/i18n/words.ts'
import { createPreferences, type Language } from '../../src/preferences.ts'
import { pickSource } from '../../src/ui/pick-source.ts'
import VitalValue from '../../src/ui/VitalValue.vue'

const T = Date.UTC(2026, 6, 14, 2, 14, 7)

function shown(signal: string, latest: LatestValue | undefined, ageMs = 0, more: { intervalMs?: number; reason?: string; language?: Language } = {}) {
  const now = shallowRef(T + ageMs)
  const words = createWords(createPreferences({ getItem: () => null, setItem: () => undefined }, [more.language ?? 'en']))
  const Host = defineComponent({ setup: () => { provideTick(now); return () => h(VitalValue, { signal, latest, intervalMs: more.intervalMs ?? 1_000, reason: more.reason }) } })
  const vital = mount(Host, { global: { plugins: [words] } })
  return { vital, now, number: () => vital.find('.vital-number').text(), notes: () => vital.findAll('.vital-note').map((n) => n.text()), state: () => vital.find('.vital').classes().find((c) => c.startsWith('is-')) }
}

describe('a value on a screen', () => {
  it('is shown with its label and unit while it is live', () => {
    const { vital, state, number } = shown('spo2', { v: 97, t: T })
    expect([state(), number(), vital.find('.vital-label').text(), vital.find('.vital-unit').text()]).toEqual(['is-live', '97', 'SpO₂', '%'])
    expect(vital.find('.vital-badge').exists()).toBe(false)
  })

  it('has the decimals of its kind', () => {
    expect([shown('pr', { v: 72.4, t: T }).number(), shown('tskin', { v: 36.84, t: T }).number(), shown('peep', { v: 5, t: T }).number()]).toEqual(['72', '36.8', '5.0'])
  })

  it('grows late with its age beside it, then stale, by its own clock', async () => {
    const { now, state, number, vital, notes } = shown('pr', { v: 72, t: T })
    now.value = T + 4_000
    await nextTick()
    expect([state(), number(), vital.find('.vital-badge').text()]).toEqual(['is-late', '72', '4 s'])
    now.value = T + 125_000
    await nextTick()
    expect([state(), number(), notes()]).toEqual(['is-stale', '--', ['72 · 2 min ago']])
  })

  it('is judged by how often its device reports', () => {
    expect(shown('pr', { v: 72, t: T }, 20_000, { intervalMs: 60_000 }).state()).toBe('is-live')
    expect(shown('pr', { v: 72, t: T }, 20_000, { intervalMs: 5_000 }).state()).toBe('is-late')
    expect(shown('pr', { v: 72, t: T }, 20_000, { intervalMs: 1_000 }).state()).toBe('is-stale')
  })

  it('says why it is not there', () => {
    expect(shown('spo2', { v: null, t: T, x: 'off' }).notes()).toEqual(['finger off'])
    expect(shown('tskin', { v: null, t: T, x: 'off' }).notes()).toEqual(['sensor off'])
    expect(shown('tskin', { v: null, t: T, x: 'warmup' }).notes()).toEqual(['warming up'])
    expect(shown('rr', { v: null, t: T, x: 'no-lock' }).notes()).toEqual(['no lock: signal too weak'])
    expect(shown('spo2', { v: null, t: T, x: 'off', was: { v: 97, t: T - 60_000 } }).notes()).toEqual(['finger off', '97 · 1 min ago'])
    expect(shown('pr', undefined).notes()).toEqual(['no reading yet'])
    expect(shown('pip', undefined, 0, { reason: 'not fitted' }).notes()).toEqual(['not fitted'])
  })

  it('does not go on saying “finger off” when the device itself fell silent', () => {
    const { state, notes } = shown('spo2', { v: null, t: T, x: 'off' }, 90_000)
    expect([state(), notes()]).toEqual(['is-stale', ['no data for 1 min']])
  })

  it('marks a questionable value with ? and says the doubt in words', () => {
    const { vital } = shown('spo2', { v: 94, t: T, q: 'low' })
    expect(vital.find('.vital-question').text()).toBe('?weak signal')
  })

  it('does not mark a value that is not shown', () => {
    expect(shown('spo2', { v: 94, t: T, q: 'low' }, 90_000).vital.find('.vital-question').exists()).toBe(false)
  })

  it('shows when a cuff measured, instead of calling it old', () => {
    const { state, number, vital } = shown('sys', { v: 132, t: T }, 3_600_000)
    expect([state(), number()]).toEqual(['is-spot', '132'])
    expect(vital.find('.vital-badge').text()).toMatch(/^\d\d:\d\d$/)
  })

  it('is never ahead of time when a device’s clock runs fast', () => {
    expect(shown('pr', { v: 72, t: T + 30_000 }).state()).toBe('is-live')
  })
})

describe('which signal speaks for the heart', () => {
  const at = (v: number | null, ageMs = 0) => ({ v, t: T - ageMs })
  it('is the heart rate, or the pulse while there is none', () => {
    expect(pickSource('heart', { hr: at(80), pr: at(82) }, T, 1_000)).toBe('hr')
    expect(pickSource('heart', { hr: at(null), pr: at(82) }, T, 1_000)).toBe('pr')
    expect(pickSource('heart', { hr: at(80, 60_000), pr: at(82) }, T, 1_000)).toBe('pr')
    expect(pickSource('heart', { hr: at(80, 60_000), pr: at(82, 50_000) }, T, 1_000)).toBe('pr')
    expect(pickSource('heart', {}, T, 1_000, ['pr', 'spo2'])).toBe('pr')
    expect(pickSource('heart', {}, T, 1_000)).toBe('hr')
  })
})
