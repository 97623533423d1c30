import { AppError, type Hl7Source, type Hl7SourceChange, type Hl7SourceList } from '@vigil/contract'
import { iso } from '../iso.ts'

export interface Hl7SourceFact extends Omit<Hl7Source, 'firstAt' | 'lastAt'> {
  readonly firstAtMs: number
  readonly lastAtMs: number
}

/** Port: senders of HL7 v2 as the bridge registered them. */
export interface Hl7SourceStore {
  list(): Promise<Hl7SourceFact[]>
  /** `undefined` when this device is no HL7 source. */
  change(deviceId: string, change: Hl7SourceChange): Promise<Hl7SourceFact | undefined>
}

export interface Hl7Sources {
  list(): Promise<Hl7SourceList>
  /** @throws AppError NOT_FOUND */
  change(deviceId: string, change: Hl7SourceChange): Promise<Hl7Source>
}

export function createHl7Sources(store: Hl7SourceStore): Hl7Sources {
  return {
    list: async () => ({ sources: (await store.list()).map(toView) }),
    async change(deviceId, change) {
      const after = await store.change(deviceId, change)
      if (!after) throw new AppError('NOT_FOUND', `${deviceId} is no HL7 source.`)
      return toView(after)
    },
  }
}

function toView({ firstAtMs, lastAtMs, ...rest }: Hl7SourceFact): Hl7Source {
  return { ...rest, firstAt: iso(firstAtMs), lastAt: iso(lastAtMs) }
}
