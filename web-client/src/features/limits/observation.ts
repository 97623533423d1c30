import type { NewObservation } from '@vigil/contract/api/alarm-limits'
import { numberIn } from './limit-draft.ts'

export interface ObservationDraft {
  consciousness: '' | 'A' | 'C' | 'V' | 'P' | 'U'
  oxygen: '' | 'yes' | 'no'
  sys: string
  dia: string
  respRate: string
  spo2: string
  pulse: string
  temp: string
}

export const emptyObservation = (): ObservationDraft => ({ consciousness: '', oxygen: '', sys: '', dia: '', respRate: '', spo2: '', pulse: '', temp: '' })

/** Only what was filled in; undefined when nothing was, or when something typed is no number. */
export function observationFrom({ consciousness, oxygen, ...typed }: ObservationDraft): NewObservation | undefined {
  const numbers = Object.entries(typed).flatMap(([key, text]) => (text.trim() === '' ? [] : [[key, numberIn(text)] as const]))
  if (numbers.some(([, value]) => !Number.isFinite(value))) return undefined
  const out: NewObservation = {
    ...Object.fromEntries(numbers),
    ...(consciousness && { consciousness }),
    ...(oxygen && { oxygen: oxygen === 'yes' }),
  }
  return Object.keys(out).length > 0 ? out : undefined
}
