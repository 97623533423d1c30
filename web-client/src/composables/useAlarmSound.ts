import { computed, onScopeDispose, ref, watch, type ComputedRef } from 'vue'
import { ARMED_BEAT_MS } from '@vigil/contract/api/live-wire'
import { chooseSound } from '../alarms/choose-sound.ts'
import type { Services } from '../services.ts'
import { burstOf, categoryOf, repeatMs } from '../sound/burst.ts'
import type { ShownSight } from './useShownSight.ts'
import { useVolume } from './useVolume.ts'

/** `off`: nothing will be heard here. `testing`: the test sound played and waits for a person to say so. */
export type SoundPhase = 'off' | 'testing' | 'blocked' | 'armed' | 'lost'

/** Looking again is cheap; a burst starts within this of being due. */
const LOOK_MS = 500

/**
 * Alarms are heard on this screen once a person has heard its test sound; until then the bar says so in red. While armed the
 * server is told that somebody can hear, and stops counting on this screen when the browser mutes it.
 */
export function useAlarmSound({ speaker, clock, live, preferences }: Services, sight: ComputedRef<ShownSight>, wards: () => readonly string[]) {
  const heard = ref(false)
  const volume = useVolume({ live, preferences }, wards)
  const asked = ref<'testing' | 'blocked'>()
  const audible = ref(false)
  let playing: { key: string; nextMs: number } | undefined

  const phase = computed<SoundPhase>(() => {
    if (asked.value) return asked.value
    if (!heard.value) return 'off'
    return audible.value && live.armed.value ? 'armed' : 'lost'
  })

  function look(): void {
    audible.value = speaker.audible()
    if (!heard.value || sight.value === 'blind') return
    const wanted = chooseSound(live.alarms.open.value, (stay) => live.alarms.audio(stay), live.serverTime.now())
    if (!wanted) {
      if (playing) speaker.quiet()
      playing = undefined
      return
    }
    const nowMs = clock.monotonic()
    if (playing?.key === wanted.key && nowMs < playing.nextMs) return
    if (speaker.play(burstOf(wanted.priority, categoryOf(wanted.condition)), volume.loudness())) playing = { key: wanted.key, nextMs: nowMs + repeatMs[wanted.priority] }
  }

  watch(live.alarms.open, look, { flush: 'sync' })
  onScopeDispose(clock.every(LOOK_MS, look))
  onScopeDispose(clock.every(ARMED_BEAT_MS, () => heard.value && live.stillArmed(speaker.audible())))
  onScopeDispose(() => {
    if (heard.value) live.disarm()
    speaker.quiet()
  })
  watch(() => wards().join(), () => {
    if (heard.value && wards().length > 0) live.arm(wards())
  })

  return {
    phase,
    /** Plays the test sound; a person must then say whether it was heard. */
    async test(): Promise<void> {
      asked.value = (await speaker.unlock()) && speaker.play(burstOf('medium'), volume.loudness()) ? 'testing' : 'blocked'
    },
    answer(yes: boolean): void {
      asked.value = undefined
      heard.value = yes
      audible.value = speaker.audible()
      if (yes && wards().length > 0) live.arm(wards())
      if (!yes) live.disarm()
    },
  }
}

export type AlarmSound = ReturnType<typeof useAlarmSound>
