import { onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue'
import { useServices } from '../services.ts'
import { useRequest, type Request } from './useRequest.ts'

/** A list that is asked for again and again while it is shown, and says when it last was. */
export function useRefreshed<T>(ask: (signal: AbortSignal) => Promise<T>, everyMs: number): Request<T> & { readonly atMs: ShallowRef<number | undefined> } {
  const { clock, live } = useServices()
  const atMs = shallowRef<number>()
  const request = useRequest(ask)
  watch(request.data, () => (atMs.value = live.serverTime.now()))
  onScopeDispose(clock.every(everyMs, () => void request.reload()))
  return { ...request, atMs }
}
