import { signals } from '../catalogue.ts'
import type { ConditionKey } from './vocabulary.ts'

/** What a monitor said of one of its own alarms: PCD-04's event and source as MDC numbers. */
export interface SourceSaid {
  /** `physiological`, `technical`, `advisory` or nothing. */
  readonly type: string
  readonly event: string
  readonly source: string
}

/** Events in words (IEEE 11073-10101, partition 3). */
const WORDS: Readonly<Record<string, string>> = {
  196674: 'too low', 196652: 'too high', 196670: 'low', 196648: 'high', 196882: 'leads off', 196880: 'lead off', 196916: 'sensor disconnected', 196802: 'battery low', 196748: 'connection lost', 199680: 'apnoea', 199684: 'asystole',
}

/** The condition of a monitor's alarm: `source_physiological:e196674m150456`. The same event of the same source is the same condition. */
export function sourceCondition({ type, event, source }: SourceSaid): ConditionKey {
  const part = `e${digits(event)}m${digits(source)}`.slice(0, 16)
  return `${type === 'technical' ? 'source_technical' : 'source_physiological'}:${part}`
}

/** "Monitor: SpO2 too low", from the part of a condition behind its colon. */
export function sourceSentence(part: string): string {
  const [, event = '', source = ''] = /^e(\d*)m(\d*)$/.exec(part) ?? []
  const signal = signals.find(({ mdc }) => mdc.some(({ code }) => String(code) === source))
  const words = WORDS[event] ?? (event === '' || event === '0' ? 'alarm' : `alarm ${event}`)
  return signal ? `Monitor: ${signal.display} ${words}` : `Monitor: ${words}`
}

function digits(code: string): string {
  return /^\d{1,6}$/.test(code) ? code : ''
}
