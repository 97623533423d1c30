import type { Alarm } from '@vigil/contract/api/alarms'
import { labelOf } from '../vital-signals.ts'

type Say = (key: string, slots?: Record<string, unknown>) => string

/** What is the matter, in the reader's language: `low:spo2` is "SpO₂ low". */
export function conditionWords(t: Say, condition: string): string {
  const [type = '', signal = ''] = condition.split(':')
  return t(`condition.${type}`, { signal: signal ? labelOf(signal) : '' }).trim()
}

/** Conditions that are read from a number and have a limit. */
export function hasNumber({ value, signal }: Pick<Alarm, 'value' | 'signal'>): boolean {
  return value !== undefined && signal !== undefined
}
