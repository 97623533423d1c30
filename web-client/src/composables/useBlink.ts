import { computed, onScopeDispose, ref, shallowRef, toValue, watch, type MaybeRefOrGetter } from 'vue'
import type { CommandState } from '@vigil/contract/api/devices'
import { useServices } from '../services.ts'
import { useAction } from './useAction.ts'
import { useWatch } from './useWatch.ts'

/** How the box answers to being asked to blink; `silent` when it said nothing and we do not know. */
export type BlinkState = 'idle' | 'asked' | 'blinking' | 'done' | 'failed' | 'silent'

const BLINK_S = 10
const WAIT_MS = 15_000
const states: Readonly<Partial<Record<CommandState, BlinkState>>> = {
  queued: 'asked', sent: 'asked', accepted: 'blinking', running: 'blinking', done: 'done', failed: 'failed', refused: 'failed', expired: 'silent', unknown: 'silent', cancelled: 'idle',
}

/**
 * Makes the physical box blink, so that a person can check that the one in their hand is the one on the screen. `seen` is theirs to
 * tick; it is forgotten when another device is chosen.
 */
export function useBlink(device: MaybeRefOrGetter<string | undefined>) {
  const { api, live } = useServices()
  const state = shallowRef<BlinkState>('idle')
  const seen = ref(false)
  let asked: string | undefined
  // The device's first word may come before the answer that names the command.
  const told = new Map<string, BlinkState>()

  useWatch(() => ({ devices: toValue(device) === undefined ? [] : [toValue(device) as string] }))
  onScopeDispose(live.onCommand((command) => {
    if (command.deviceId !== toValue(device)) return
    told.set(command.id, states[command.state] ?? state.value)
    if (command.id === asked) state.value = told.get(asked) ?? state.value
  }))
  watch(() => toValue(device), () => {
    asked = undefined
    told.clear()
    seen.value = false
    state.value = 'idle'
  })
  const ask = useAction(async () => {
    const id = toValue(device)
    if (id === undefined) return
    state.value = 'asked'
    asked = (await api.send(id, { do: 'identify', args: { seconds: BLINK_S }, expiresInMs: WAIT_MS })).id
    state.value = told.get(asked) ?? state.value
  })
  return { state: computed(() => (ask.failure.value ? 'failed' : state.value)), seen, ask }
}
