import { shallowRef, type ShallowRef } from 'vue'
import { asFailure, type ApiFailure } from '../api/api-failure.ts'

export interface Action<A extends unknown[]> {
  readonly busy: ShallowRef<boolean>
  readonly failure: ShallowRef<ApiFailure | undefined>
  /** True when it succeeded; a failure is kept in `failure` for the screen to say. */
  run(...args: A): Promise<boolean>
}

/** Something a person asked to be done: shown as pending until the server confirms, never assumed to have worked. */
export function useAction<A extends unknown[]>(act: (...args: A) => Promise<unknown>): Action<A> {
  const busy = shallowRef(false)
  const failure = shallowRef<ApiFailure>()
  return {
    busy,
    failure,
    async run(...args) {
      if (busy.value) return false
      busy.value = true
      failure.value = undefined
      try {
        await act(...args)
        return true
      } catch (error) {
        failure.value = asFailure(error)
        return false
      } finally {
        busy.value = false
      }
    },
  }
}
