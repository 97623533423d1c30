import { computed, type ComputedRef } from 'vue'
import type { Services } from '../services.ts'
import { LOUDNESS } from '../sound/speaker.ts'

/** How loud this screen is, in percent: as it is set here, and never below what a ward it listens to asks for. */
export interface Volume {
  readonly percent: ComputedRef<number>
  readonly floor: ComputedRef<number>
  /** As the speaker takes it. */
  loudness(): number
}

/** However it is set, an alarm is heard in the room. */
export const LEAST_VOLUME = 20

export function useVolume({ live, preferences }: Pick<Services, 'live' | 'preferences'>, wards: () => readonly string[]): Volume {
  const floor = computed(() => Math.max(LEAST_VOLUME, ...wards().map((id) => live.wards.wards.get(id)?.value.ward.soundFloor ?? 0)))
  const percent = computed(() => Math.max(preferences.volume, floor.value))
  return { percent, floor, loudness: () => (LOUDNESS * percent.value) / 100 }
}
