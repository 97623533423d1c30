import { reactive, watch } from 'vue'
import { type SignalColour, signalColours } from './ui/palette-check.ts'
import { type WallNames, wallNames } from './ui/patient-name.ts'
import { catalogueUnits, type UnitChoice, unitChoices } from './ui/units.ts'

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
  /** How much of a patient's name the ward wall shows on this screen. */
  names: WallNames
  /** Metres this wall is read from, and the diagonal of its screen in inches; 0: nobody said. */
  wallDistance: number
  wallInches: number
  /** Whom the patient at the mirror calls; a telephone number of the site. */
  helpNumber: string
  /** How loud alarms are here, percent; a ward may ask for more. */
  volume: number
  /** In which units this screen shows values; stored and judged are always the catalogue's. */
  units: UnitChoice
  /** Colours of signals chosen for this screen, by theme; what is not named is as shipped. */
  palette: Readonly<Record<'dark' | 'light', Readonly<Partial<Record<SignalColour, string>>>>>
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
    names: pick(wallNames, kept['names'], 'short'),
    wallDistance: typeof kept['wallDistance'] === 'number' ? kept['wallDistance'] : 0,
    wallInches: typeof kept['wallInches'] === 'number' ? kept['wallInches'] : 0,
    helpNumber: typeof kept['helpNumber'] === 'string' ? kept['helpNumber'] : '',
    volume: typeof kept['volume'] === 'number' && kept['volume'] >= 0 && kept['volume'] <= 100 ? kept['volume'] : 100,
    units: readUnits(kept['units']),
    palette: { dark: readColours(kept['palette'], 'dark'), light: readColours(kept['palette'], 'light') },
    tour: typeof kept['tour'] === 'number' ? kept['tour'] : 0,
  })
  watch(preferences, (now) => storage.setItem(KEY, JSON.stringify(now)), { flush: 'sync' })
  return preferences
}

function readUnits(kept: unknown): UnitChoice {
  const { temperature, airway, blood } = (kept ?? {}) as Partial<UnitChoice>
  return { temperature: pick(unitChoices.temperature, temperature, catalogueUnits.temperature), airway: pick(unitChoices.airway, airway, catalogueUnits.airway), blood: pick(unitChoices.blood, blood, catalogueUnits.blood) }
}

function readColours(kept: unknown, theme: 'dark' | 'light'): Partial<Record<SignalColour, string>> {
  const colours = (kept as Record<string, Record<string, unknown> | undefined> | undefined)?.[theme] ?? {}
  return Object.fromEntries(signalColours.flatMap((name) => (typeof colours[name] === 'string' && /^#[0-9a-f]{6}$/i.test(colours[name]) ? [[name, colours[name]]] : [])))
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
