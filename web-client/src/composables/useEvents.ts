import { computed, type ComputedRef, type ShallowRef } from 'vue'
import type { Alarm } from '@vigil/contract/api/alarms'
import type { Annotation } from '@vigil/contract/api/annotations'
import type { ApiFailure } from '../api/api-failure.ts'
import { useServices } from '../services.ts'
import { conditionWords } from '../ui/alarm/alarm-words.ts'
import type { ChartMark } from '../ui/chart/marks.ts'
import { useRequest } from './useRequest.ts'
import { useWords } from './useWords.ts'

export interface Span {
  readonly stay: string
  readonly from: number
  readonly to: number
}

export interface Events {
  /** Alarms that were announced in the span, oldest first. */
  readonly alarms: ComputedRef<readonly Alarm[]>
  readonly notes: ComputedRef<readonly Annotation[]>
  /** Both as a chart draws them; a withdrawn note is not drawn. */
  readonly marks: ComputedRef<readonly ChartMark[]>
  readonly failure: ShallowRef<ApiFailure | undefined>
  readonly reload: () => Promise<void>
}

/** What happened beside the numbers of a span of a stay. */
export function useEvents(span: () => Span | undefined): Events {
  const { api } = useServices()
  const { t } = useWords()
  const request = useRequest(async (signal) => {
    const asked = span()
    if (!asked) return undefined
    const { stay, from, to } = asked
    const [open, ended, notes] = await Promise.all([api.alarms({ state: 'open', stay }, signal), api.alarms({ state: 'ended', stay, from, to, limit: 500 }, signal), api.annotations(stay, { from, to }, signal)])
    const alarms = [...ended.alarms, ...open.alarms].filter((alarm) => Date.parse(alarm.announcedAt) >= from && Date.parse(alarm.announcedAt) <= to)
    return { alarms: alarms.sort((a, b) => a.announcedAt.localeCompare(b.announcedAt)), notes }
  }, () => JSON.stringify(span() ?? null))

  const { data, failure } = request
  const alarms = computed(() => data.value?.alarms ?? [])
  const notes = computed(() => data.value?.notes ?? [])
  const marks = computed<ChartMark[]>(() => [
    ...alarms.value.map((alarm): ChartMark => ({ kind: 'alarm', fromMs: Date.parse(alarm.announcedAt), says: `${t(`priority.${alarm.priority}`)} ${conditionWords(t, alarm.condition)}` })),
    ...notes.value.filter((note) => !note.withdrawn).map((note): ChartMark => ({ kind: 'note', fromMs: Date.parse(note.from), toMs: note.to === undefined ? undefined : Date.parse(note.to), says: `${note.text} (${note.by})` })),
  ])
  return { alarms, notes, marks, failure, reload: () => request.reload() }
}
