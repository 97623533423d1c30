import { reactive, watch } from 'vue'

export const themes = ['dark', 'light', 'night'] as const
export type Theme = (typeof themes)[number]
export const languages = ['en', 'es', 'pl', 'zh'] as const
export type Language = (typeof languages)[number]

/** What a person set on this screen; kept in the browser, never about a patient. */
export interface Preferences {
  theme: Theme
  language: Language
  /** Single-key shortcuts can be turned off (WCAG 2.1.4). */
  shortcuts: boolean
  /** Top of the pressure trace in cmH2O; a fixed scale, chosen by a person. */
  pawTop: number
  /** Wards whose alarms are shown and heard on this screen. */
  wards: string[]
  /** Whom the patient at the mirror calls; a telephone number of the site. */
  helpNumber: string
  /** Where the guided tour stands: 0 not offered yet, 1 to 6 the step, 7 the last words, -1 put away. */
  tour: number
}

export const TOUR_AWAY = -1
export const TOUR_STEPS = 6

const KEY = 'vigil.preferences'
export const pawTops = [10, 20, 40] as const

/** Reads what was kept, ignoring what does not fit, and keeps every change. */
export function createPreferences(storage: Pick<Storage, 'getItem' | 'setItem'>, browserLanguages: readonly string[]): Preferences {
  const kept = read(storage)
  const preferences = reactive<Preferences>({
    theme: pick(themes, kept['theme'], 'dark'),
    language: pick(languages, kept['language'], browserLanguages.map((l) => languages.find((known) => l.startsWith(known))).find((known) => known !== undefined) ?? 'en'),
    shortcuts: kept['shortcuts'] !== false,
    pawTop: pick(pawTops, kept['pawTop'], 20),
    wards: Array.isArray(kept['wards']) ? kept['wards'].filter((ward): ward is string => typeof ward === 'string') : [],
    helpNumber: typeof kept['helpNumber'] === 'string' ? kept['helpNumber'] : '',
    tour: typeof kept['tour'] === 'number' ? kept['tour'] : 0,
  })
  watch(preferences, (now) => storage.setItem(KEY, JSON.stringify(now)), { flush: 'sync' })
  return preferences
}

function pick<T>(allowed: readonly T[], value: unknown, otherwise: T): T {
  return allowed.includes(value as T) ? (value as T) : otherwise
}

function read(storage: Pick<Storage, 'getItem'>): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(storage.getItem(KEY) ?? '{}')
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
