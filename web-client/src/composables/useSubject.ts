import { inject, provide, type ComputedRef, type InjectionKey } from 'vue'

/** Whom or what a tab is about: given by the page around it, so that tabs of different features need not know that page. */
export interface TabSubject {
  readonly stayId?: string | undefined
  readonly deviceId?: string | undefined
  readonly wardId?: string | undefined
  /** When the stay began, ISO 8601. */
  readonly admittedAt?: string | undefined
  /** Where the device is, in words, repeated in dialogs so that nobody acts on the wrong box: "bed 12, KOWALSKI". */
  readonly place?: string | undefined
}

const subjectKey: InjectionKey<ComputedRef<TabSubject>> = Symbol('subject')

export function provideSubject(subject: ComputedRef<TabSubject>): void {
  provide(subjectKey, subject)
}

export function useSubject(): ComputedRef<TabSubject> | undefined {
  return inject(subjectKey, undefined)
}
