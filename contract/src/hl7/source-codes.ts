import { type Signal, signalByName, type SignalName } from '../catalogue.ts'
import { codeOf, type CodeMatch, matchCode } from './codes.ts'
import type { Segment } from './message.ts'

/** What a person said a source's own code means; in force for messages that arrived from `fromMs` until before `untilMs`. */
export interface SourceCode {
  readonly code: string
  readonly system: string
  readonly signal: SignalName
  /** Unit of its values whatever OBX-6 says; empty when OBX-6 tells it. */
  readonly unit: string
  readonly fromMs: number
  readonly untilMs: number
}

export interface OwnMatch {
  readonly match: CodeMatch
  /** Components of its unit, as OBX-6 has them. */
  readonly unit: readonly string[]
}

/**
 * What an identifier means for this source: the public nomenclatures first, since a person maps only what they do not know. A contradiction stays one.
 * It depends on when the message arrived and not on when it is read, so that the same message gives the same records after a restart.
 */
export function matchOwn(obx: Segment, codes: readonly SourceCode[] = [], receivedMs = 0): OwnMatch {
  const [coded, unit] = [codeOf(obx), obx.components(6)]
  const match = matchCode(coded)
  if (match.kind !== 'unknown') return { match, unit }
  const own = codes.find(({ code, system, fromMs, untilMs }) => code === coded.code && system === coded.system && receivedMs >= fromMs && receivedMs < untilMs)
  const signal: Signal | undefined = own && signalByName(own.signal)
  return own && signal ? { match: { kind: 'signal', signal, warning: undefined }, unit: own.unit === '' ? unit : [own.unit] } : { match, unit }
}
