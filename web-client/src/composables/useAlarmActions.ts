import { inject, provide, shallowReactive, type InjectionKey } from 'vue'
import type { Alarm, AudioChange, MonitoringPause } from '@vigil/contract/api/alarms'
import { asFailure, type ApiFailure } from '../api/api-failure.ts'
import { useServices } from '../services.ts'

/** What came of answering one alarm, until the next try. */
export interface Answer {
  readonly busy: boolean
  readonly failure?: ApiFailure
  /** The value it had become, when it got worse while a person looked (409). */
  readonly worse?: number
}

/**
 * Answers to alarms. Nothing is assumed: the button shows pending until the server confirms, and a refusal stays beside the
 * alarm it belongs to.
 */
export function createAlarmActions({ api, live, session }: Pick<ReturnType<typeof useServices>, 'api' | 'live' | 'session'>) {
  const answers = shallowReactive(new Map<string, Answer>())

  async function acknowledge(alarm: Alarm, note?: string): Promise<boolean> {
    if (answers.get(alarm.id)?.busy) return false
    answers.set(alarm.id, { busy: true })
    try {
      live.alarms.setAlarm(await api.acknowledge(alarm.id, { seenVersion: alarm.version, ...(note ? { note } : {}) }))
      answers.delete(alarm.id)
      return true
    } catch (error) {
      const failure = asFailure(error)
      const worse = failure.problem?.details?.['value']
      answers.set(alarm.id, { busy: false, failure, ...(typeof worse === 'number' && { worse }) })
      return false
    }
  }

  return {
    of: (alarmId: string): Answer | undefined => answers.get(alarmId),
    acknowledge,
    /** Pauses, switches off or resumes what is heard of one stay. */
    audio: async (stayId: string, change: AudioChange) => live.alarms.setAudio(stayId, await api.setAudio(stayId, change)),
    pauseMonitoring: async (stayId: string, pause: MonitoringPause) => live.alarms.setMonitoring(stayId, await api.pauseMonitoring(stayId, pause)),
    resumeMonitoring: async (stayId: string) => live.alarms.setMonitoring(stayId, await api.resumeMonitoring(stayId)),
    /** The sound of everybody in a ward, for two minutes; the screens hear of it live. */
    pauseWard: (ward: string) => api.pauseWard(ward),
    resumeWard: (ward: string) => api.resumeWard(ward),
    mayAcknowledge: () => session.may('alarm:acknowledge'),
    mayPause: () => session.may('alarm:pause'),
    mayPauseWard: () => session.may('alarm:pause-ward'),
    maySwitchOff: () => session.may('alarm:off'),
  }
}

export type AlarmActions = ReturnType<typeof createAlarmActions>
const actionsKey: InjectionKey<AlarmActions> = Symbol('alarm actions')

/** One for the whole screen: the strip, the page and the patient show the same pending answer. */
export function provideAlarmActions(): AlarmActions {
  const actions = createAlarmActions(useServices())
  provide(actionsKey, actions)
  return actions
}

export function useAlarmActions(): AlarmActions {
  return inject(actionsKey) as AlarmActions
}
