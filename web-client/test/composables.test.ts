import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import { defineComponent, h, nextTick, ref, shallowRef } from 'vue'
import type { SessionInfo } from '@vigil/contract/api/people'
import { manualClock } from '@vigil/contract/testing/manual-clock'
import { ApiFailure } from '../src/api/api-failure.ts'
import { useAction } from '../src/composables/useAction.ts'
import { useFreshness } from '../src/composables/useFreshness.ts'
import { useIdleLock } from '../src/composables/useIdleLock.ts'
import { createHotkeys } from '../src/composables/useHotkeys.ts'
import { provideNow } from '../src/composables/useNow.ts'
import { useRequest } from '../src/composables/useRequest.ts'
import { nextCell } from '../src/composables/useRovingGrid.ts'
import { createPreferences } from '../src/preferences.ts'
import { safeReturn } from '../src/features/sign-in/safe-return.ts'

function run<T>(setup: () => T): { result: T; unmount: () => void } {
  let result: T | undefined
  const wrapper = mount(defineComponent({ setup: () => { result = setup(); return () => h('i') } }))
  return { result: result as T, unmount: () => wrapper.unmount() }
}
const settled = () => new Promise<void>((resolve) => setImmediate(resolve))

describe('the shared tick', () => {
  it('is one timer for all values of a page, and ends with the page', () => {
    const clock = manualClock()
    const Value = defineComponent({ setup: () => { const { freshness } = useFreshness(() => clock.now(), 1_000); return () => h('i', freshness.value) } })
    const page = mount(defineComponent({ setup: () => { provideNow(() => clock.now(), clock); return () => Array.from({ length: 240 }, () => h(Value)) } }))
    expect(clock.pending()).toBe(1)
    page.unmount()
    expect(clock.pending()).toBe(0)
  })
})

describe('asking the server', () => {
  it('drops the answer to an older question that comes after the newer one', async () => {
    const answers: ((v: string) => void)[] = []
    const question = ref('a')
    const { result } = run(() => useRequest(() => new Promise<string>((resolve) => answers.push(resolve)), question))
    question.value = 'b'
    await nextTick()
    answers[1]?.('new')
    await settled()
    answers[0]?.('old')
    await settled()
    expect(result.data.value).toBe('new')
  })

  it('forgets the last patient’s answer as soon as another is asked about', async () => {
    const question = ref('a')
    const { result } = run(() => useRequest(() => (question.value === 'a' ? Promise.resolve('of a') : new Promise<string>(() => undefined)), question))
    await settled()
    expect(result.data.value).toBe('of a')
    question.value = 'b'
    await nextTick()
    expect([result.data.value, result.loading.value]).toEqual([undefined, true])
  })

  it('keeps what it had beside the failure when a renewal fails', async () => {
    let fail = false
    const { result } = run(() => useRequest(() => (fail ? Promise.reject(new ApiFailure('DATABASE_AWAY', 'away')) : Promise.resolve(1))))
    await settled()
    fail = true
    await result.reload()
    expect([result.data.value, result.failure.value?.code]).toEqual([1, 'DATABASE_AWAY'])
  })

  it('cancels what nobody waits for any more', () => {
    let aborted = false
    const { unmount } = run(() => useRequest((signal) => { signal.addEventListener('abort', () => (aborted = true)); return new Promise(() => undefined) }))
    unmount()
    expect(aborted).toBe(true)
  })

  it('does a thing once however often the button is pressed, and is done only when the server said so', async () => {
    let calls = 0
    let finish: () => void = () => undefined
    const action = useAction(() => { calls++; return new Promise<void>((resolve) => (finish = resolve)) })
    const first = action.run()
    expect([await action.run(), action.busy.value]).toEqual([false, true])
    finish()
    expect([await first, calls, action.busy.value]).toEqual([true, 1, false])
  })
})

describe('the keyboard', () => {
  const press = (key: string, target: EventTarget = document.body, more: KeyboardEventInit = {}) => {
    const event = new KeyboardEvent('keydown', { key, bubbles: true, ...more })
    Object.defineProperty(event, 'target', { value: target })
    return event
  }
  function keyboard(enabled = () => true) {
    const clock = manualClock()
    const done: string[] = []
    const keys = createHotkeys(clock, enabled)
    keys.add([{ keys: 'g w', says: '', run: () => done.push('wards') }, { keys: 'n', says: '', run: () => done.push('night') }, { keys: 'Escape', says: '', run: () => done.push('back') }, { keys: '?', says: '', run: () => done.push('help') }])
    return { clock, keys, done }
  }

  it('knows single keys and pairs, and forgets the first of a pair after a while', () => {
    const { clock, keys, done } = keyboard()
    for (const key of ['n', 'G', 'w', '?']) keys.press(press(key))
    keys.press(press('g'))
    clock.advance(2_000)
    keys.press(press('w'))
    expect(done).toEqual(['night', 'wards', 'help'])
  })

  it('does nothing while someone types, with a modifier, or when turned off; Escape always works', () => {
    const { keys, done } = keyboard()
    keys.press(press('n', document.createElement('input')))
    keys.press(press('n', document.body, { ctrlKey: true }))
    const off = keyboard(() => false)
    off.keys.press(press('n'))
    off.keys.press(press('Escape'))
    expect([done, off.done]).toEqual([[], ['back']])
  })

  it('lets a page give a key a nearer meaning and take it back', () => {
    const { keys, done } = keyboard()
    const stop = keys.add([{ keys: 'Escape', says: '', run: () => done.push('ward') }])
    keys.press(press('Escape'))
    stop()
    keys.press(press('Escape'))
    expect(done).toEqual(['ward', 'back'])
  })

  it('moves on the grid of beds and stops at its edges', () => {
    expect([nextCell('ArrowRight', 2, 12, 4), nextCell('ArrowDown', 2, 12, 4), nextCell('ArrowUp', 2, 12, 4), nextCell('ArrowDown', 9, 12, 4), nextCell('End', 0, 12, 4), nextCell('x', 0, 12, 4)]).toEqual([3, 6, undefined, undefined, 11, undefined])
  })
})

describe('a screen nobody touches', () => {
  function idle() {
    const clock = manualClock()
    const asked: number[] = []
    const answers: Promise<void>[] = []
    const info = shallowRef({ user: { hasPin: true }, locked: false } as unknown as SessionInfo)
    const lock = () => (asked.push(clock.monotonic()), answers.shift() ?? Promise.resolve())
    run(() => useIdleLock({ info, lock }, clock, new EventTarget()))
    return { clock, asked, answers }
  }

  it('is locked when its computer wakes after more than five minutes of sleep, which only the wall clock counts', () => {
    const { clock, asked } = idle()
    clock.advance(60_000)
    clock.stepWallClock(8 * 3_600_000)
    expect(asked).toEqual([])
    clock.advance(5_000)
    expect(asked).toHaveLength(1)
  })

  it('is locked within seconds of the server being back when that was away', async () => {
    const { clock, asked, answers } = idle()
    answers.push(Promise.reject(new ApiFailure('UNREACHABLE', 'away')))
    clock.advance(5 * 60_000)
    await settled()
    clock.advance(5_000)
    await settled()
    clock.advance(60_000)
    expect(asked).toEqual([300_000, 305_000])
  })
})

describe('what a person set on this screen', () => {
  it('is kept, and nonsense in the store is ignored', () => {
    const store = new Map([['vigil.preferences', '{"theme":"pink","language":"es","shortcuts":false}']])
    const storage = { getItem: (k: string) => store.get(k) ?? null, setItem: (k: string, v: string) => void store.set(k, v) }
    const preferences = createPreferences(storage, ['en'])
    expect({ ...preferences }).toEqual({ theme: 'dark', language: 'es', shortcuts: false, pawTop: 20, wards: [], names: 'short', wallDistance: 0, wallInches: 0, helpNumber: '', volume: 100, tour: 0, units: { temperature: 'Cel', airway: 'cm[H2O]', blood: 'mm[Hg]' }, palette: { dark: {}, light: {} } })
    preferences.theme = 'night'
    expect(createPreferences(storage, ['en']).theme).toBe('night')
    expect(createPreferences({ getItem: () => '}{', setItem: () => undefined }, ['es-MX']).language).toBe('es')
  })
})

describe('the way back after sign-in', () => {
  it('leads only into this app', () => {
    expect([safeReturn('/ward/ward-3'), safeReturn('https://evil.example'), safeReturn('//evil.example'), safeReturn('/\\evil.example'), safeReturn('/sign-in'), safeReturn(undefined)]).toEqual(['/ward/ward-3', undefined, undefined, undefined, undefined, undefined])
  })
})
