import { inject, onScopeDispose, provide, shallowReactive, toValue, watchEffect, type InjectionKey, type MaybeRefOrGetter } from 'vue'

/** What the top bar says about the page below it. */
export interface BarContext {
  title: string
  detail: string
  /** Demo and test wards are named as such wherever they are shown. */
  mode: 'real' | 'test' | 'demo'
}

const barKey: InjectionKey<BarContext> = Symbol('bar')
const empty = (): BarContext => ({ title: '', detail: '', mode: 'real' })

export function provideBar(): BarContext {
  const context = shallowReactive(empty())
  provide(barKey, context)
  return context
}

/** For the bar itself. */
export function useBarContext(): BarContext {
  return inject(barKey, empty, true)
}

/** Sets the bar's words while this page is shown; also the tab's title. */
export function useBar(words: MaybeRefOrGetter<Partial<BarContext>>): void {
  const context = useBarContext()
  watchEffect(() => {
    Object.assign(context, { ...empty(), ...toValue(words) })
    document.title = context.title ? `${context.title} · Vigil` : 'Vigil'
  })
  onScopeDispose(() => Object.assign(context, empty()))
}

