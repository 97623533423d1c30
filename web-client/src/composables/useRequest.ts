import { onScopeDispose, shallowRef, watch, type ShallowRef, type WatchSource } from 'vue'
import { asFailure, type ApiFailure } from '../api/api-failure.ts'

export interface Request<T> {
  /** Last good answer; kept when a later attempt fails, beside `failure`. */
  readonly data: ShallowRef<T | undefined>
  readonly failure: ShallowRef<ApiFailure | undefined>
  readonly loading: ShallowRef<boolean>
  reload(): Promise<void>
}

/**
 * Loads something now and again whenever `when` changes. A newer question cancels the older one, so answers never arrive out
 * of order. When the question itself changed (`forget`), the old answer is dropped: it belongs to something else.
 */
export function useRequest<T>(ask: (signal: AbortSignal) => Promise<T>, when?: WatchSource<unknown>, { forget = true }: { forget?: boolean } = {}): Request<T> {
  const data = shallowRef<T>()
  const failure = shallowRef<ApiFailure>()
  const loading = shallowRef(false)
  let running: AbortController | undefined

  async function reload(): Promise<void> {
    running?.abort()
    const mine = (running = new AbortController())
    loading.value = true
    try {
      const answer = await ask(mine.signal)
      if (mine !== running) return
      data.value = answer
      failure.value = undefined
    } catch (error) {
      if (mine === running && !mine.signal.aborted) failure.value = asFailure(error)
    } finally {
      if (mine === running) loading.value = false
    }
  }

  if (when) {
    watch(when, () => {
      if (forget) data.value = undefined
      void reload()
    })
  }
  onScopeDispose(() => running?.abort())
  void reload()
  return { data, failure, loading, reload }
}
