import type { Alarm, AlarmWatch, AudioNow, MonitoringNow, News2Now } from '@vigil/contract'
import type { AlarmBook, SubjectKind } from '@vigil/contract/alarms'
import { quietView } from '../alarm-view.ts'
import type { FromEngine } from '../place/channel.ts'

export interface AllParts {
  readonly book: AlarmBook
  readonly alarms: readonly Alarm[]
  readonly news2Of: (key: string) => News2Now | undefined
  readonly watch: AlarmWatch
}

/** What a station that connects is told first: everything open, every sound and monitoring that is not on, every score. */
export function allThereIs({ book, alarms, news2Of, watch }: AllParts): FromEngine {
  const audio: Record<string, AudioNow> = {}
  const monitoring: Record<string, MonitoringNow> = {}
  const news2: Record<string, News2Now> = {}
  for (const key of book.subjects()) {
    const [kind, id] = key.split(':') as [SubjectKind, string]
    if (kind !== 'stay') continue
    const [sound, monitored] = [book.audio(key), book.monitoring(key)]
    if (sound.mode !== 'on') audio[id] = quietView(sound)
    if (monitored.mode !== 'on') monitoring[id] = quietView(monitored)
    const score = news2Of(key)
    if (score) news2[id] = score
  }
  return { t: 'all', alarms, audio, monitoring, news2, watch }
}
