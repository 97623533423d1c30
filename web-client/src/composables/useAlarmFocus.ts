import { inject, onScopeDispose, provide, shallowRef, watchEffect, type InjectionKey, type ShallowRef } from 'vue'

/** Whose alarms the keys mean: the patient whose page is open, or whose tile has the focus. */
export interface AlarmFocus {
  readonly stay: ShallowRef<string | undefined>
}

const focusKey: InjectionKey<AlarmFocus> = Symbol('alarm focus')

export function provideAlarmFocus(): AlarmFocus {
  const focus = { stay: shallowRef<string>() }
  provide(focusKey, focus)
  return focus
}

export function useAlarmFocus(): AlarmFocus {
  return inject(focusKey, () => ({ stay: shallowRef<string>() }), true)
}

/** This part of the screen is about one patient, as long as it is shown. */
export function useFocusOn(stay: () => string | undefined): void {
  const focus = useAlarmFocus()
  watchEffect(() => (focus.stay.value = stay()))
  onScopeDispose(() => (focus.stay.value = undefined))
}
