import { inject, type InjectionKey } from 'vue'
import { signalByName } from '@vigil/contract/catalogue'
import { decimalsOf, unitText } from './vital-signals.ts'

/** In which units a person reads; what is stored, sent and judged stays in the catalogue's own. UCUM codes. */
export interface UnitChoice {
  temperature: 'Cel' | '[degF]'
  airway: 'cm[H2O]' | 'kPa' | 'mm[Hg]'
  /** Blood pressure and carbon dioxide. */
  blood: 'mm[Hg]' | 'kPa'
}

export const unitChoices = { temperature: ['Cel', '[degF]'], airway: ['cm[H2O]', 'kPa', 'mm[Hg]'], blood: ['mm[Hg]', 'kPa'] } as const satisfies { [K in keyof UnitChoice]: readonly UnitChoice[K][] }
export const catalogueUnits: UnitChoice = { temperature: 'Cel', airway: 'cm[H2O]', blood: 'mm[Hg]' }

/** What a person chooses for a signal of this unit. */
const kindOf: Readonly<Record<string, keyof UnitChoice>> = { 'Cel': 'temperature', 'cm[H2O]': 'airway', 'mm[Hg]': 'blood' }
/** Pascal of one; NIST SP 811, conventional water at 4 °C and mercury at 0 °C. */
const pascal: Readonly<Record<string, number>> = { 'cm[H2O]': 98.0665, 'mm[Hg]': 133.322, 'kPa': 1_000 }
/** One decimal more than the smallest step anybody sets. */
const decimals: Readonly<Record<string, number>> = { 'cm[H2O]>kPa': 2, 'cm[H2O]>mm[Hg]': 1, 'mm[Hg]>kPa': 1, 'Cel>[degF]': 1 }

export interface Units {
  /** As a person reads it, `°F`. */
  unitOf(signal: string): string
  /** The number of the catalogue's unit in the chosen one. */
  convert(signal: string, value: number): number
  decimalsOf(signal: string): number
  /** Whether another unit than the catalogue's is shown. */
  differs(signal: string): boolean
}

export function unitsFor(choice: () => UnitChoice): Units {
  const from = (signal: string): string => signalByName(signal)?.ucum ?? ''
  const to = (signal: string): string => {
    const kind = kindOf[from(signal)]
    return kind === undefined ? from(signal) : choice()[kind]
  }
  return {
    unitOf: (signal) => unitText(to(signal)),
    convert(signal, value) {
      const [own, shown] = [from(signal), to(signal)]
      if (own === shown) return value
      return shown === '[degF]' ? (value * 9) / 5 + 32 : (value * (pascal[own] as number)) / (pascal[shown] as number)
    },
    decimalsOf: (signal) => decimals[`${from(signal)}>${to(signal)}`] ?? decimalsOf(signal),
    differs: (signal) => from(signal) !== to(signal),
  }
}

export const unitsKey: InjectionKey<Units> = Symbol('units')

/** The units of this screen; the catalogue's own for a component shown alone. */
export function useUnits(): Units {
  return inject(unitsKey, () => unitsFor(() => catalogueUnits), true)
}
