import type { Alarm, AlarmWatch, AudioNow, News2Now } from '@vigil/contract'
import type { AlarmBook, SubjectKind } from '@vigil/contract/alarms'
import { audioView } from '../alarm-view.ts'
import type { FromEngine } from '../place/channel.ts'

export interface AllParts {
  readonly book: AlarmBook
  readonly alarms: readonly Alarm[]
  readonly news2Of: (key: string) => News2Now | undefined
  readonly watch: AlarmWatch
}

/** What a station that connects is told first: everything open, every sound that is not on, every score. */
export function allThereIs({ book, alarms, news2Of, watch }: AllParts): FromEngine {
  const audio: Record<string, AudioNow> = {}
  const news2: Record<string, News2Now> = {}
  for (const key of book.subjects()) {
    const [kind, id] = key.split(':') as [SubjectKind, string]
    if (kind !== 'stay') continue
    const state = book.audio(key)
    if (state.mode !== 'on') audio[id] = audioView(state)
    const score = news2Of(key)
    if (score) news2[id] = score
  }
  return { t: 'all', alarms, audio, news2, watch }
}
