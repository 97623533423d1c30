import { computed, shallowReactive, type ComputedRef } from 'vue'
import type { AudioNow, MonitoringNow, News2Now } from '@vigil/contract/api/alarms'
import type { Bed } from '@vigil/contract/api/patients'

/** What is said of a stay beside its alarms: its sound, whether it is monitored, its score. */
export interface StayFacts {
  audio(stayId: string): AudioNow | undefined
  /** Only while it is paused. */
  monitoring(stayId: string): MonitoringNow | undefined
  /** Stays whose monitoring is paused. */
  readonly paused: ComputedRef<readonly (readonly [stayId: string, MonitoringNow])[]>
  news2(stayId: string): News2Now | undefined
  setAudio(stayId: string, audio: AudioNow): void
  setMonitoring(stayId: string, monitoring: MonitoringNow | undefined): void
  setNews2(stayId: string, news2: News2Now | null | undefined): void
  /** All of it, as a bed says it. */
  readonly tellStay: (bed: Bed) => void
}

export function createStayFacts(): StayFacts {
  const audio = shallowReactive(new Map<string, AudioNow>())
  const monitoring = shallowReactive(new Map<string, MonitoringNow>())
  const news2 = shallowReactive(new Map<string, News2Now>())

  function setMonitoring(stayId: string, now: MonitoringNow | undefined): void {
    if (now?.mode === 'paused') monitoring.set(stayId, now)
    else monitoring.delete(stayId)
  }

  function setNews2(stayId: string, now: News2Now | null | undefined): void {
    if (now) news2.set(stayId, now)
    else news2.delete(stayId)
  }

  return {
    audio: (stayId) => audio.get(stayId),
    monitoring: (stayId) => monitoring.get(stayId),
    paused: computed(() => [...monitoring]),
    news2: (stayId) => news2.get(stayId),
    setAudio: (stayId, now) => void audio.set(stayId, now),
    setMonitoring,
    setNews2,
    tellStay({ stay, audio: sound, monitoring: watched, news2: score }) {
      if (!stay) return
      if (sound) audio.set(stay.id, sound)
      else audio.delete(stay.id)
      setMonitoring(stay.id, watched)
      setNews2(stay.id, score)
    },
  }
}
