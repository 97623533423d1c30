import { computed, shallowRef, triggerRef, type ComputedRef } from 'vue'
import type { Alarm } from '@vigil/contract/api/alarms'

/** Every open alarm this screen was told of, by a frame or in answer to what a person did. */
export interface KnownAlarms {
  readonly all: ComputedRef<readonly Alarm[]>
  readonly put: (alarm: Alarm) => void
  /** What is `gone` and not told again is over. */
  readonly replace: (gone: (alarm: Alarm) => boolean, alarms: readonly Alarm[]) => void
  /** How many words were taken in so far; to be noted when a list is asked for. */
  readonly words: () => number
  /** An alarm out of a list asked for after that many words: what was said of it meanwhile is newer. Undefined when it is over. */
  readonly newest: (alarm: Alarm, afterWords: number) => Alarm | undefined
}

export function createKnownAlarms(): KnownAlarms {
  const known = shallowRef(new Map<string, Alarm>())
  /** An answer keeps the version of its alarm, so the order of words is counted apart. */
  const wordOf = new WeakMap<Alarm, number>()
  let words = 0
  const over = createEnds()

  function take(alarm: Alarm): void {
    const old = known.value.get(alarm.id)
    // Frames and answers cross: an older word never replaces a newer one, nor does it bring back what is over.
    if (over.has(alarm.id) || (old && old.version > alarm.version)) return
    if (alarm.state === 'cleared') {
      known.value.delete(alarm.id)
      over.add(alarm.id)
    } else known.value.set(alarm.id, alarm)
    wordOf.set(alarm, ++words)
  }

  return {
    all: computed(() => [...known.value.values()]),
    put(alarm) {
      take(alarm)
      triggerRef(known)
    },
    replace(gone, alarms) {
      for (const [id, alarm] of known.value) if (gone(alarm)) known.value.delete(id)
      alarms.forEach(take)
      triggerRef(known)
    },
    words: () => words,
    newest(alarm, afterWords) {
      if (over.has(alarm.id)) return undefined
      const mine = known.value.get(alarm.id)
      return mine && (wordOf.get(mine) ?? 0) > afterWords ? mine : alarm
    },
  }
}

const REMEMBERED_ENDS = 500

/** Alarms that ended a short while ago; the next one of the same condition has another id. */
function createEnds(): Pick<Set<string>, 'has'> & { add(id: string): void } {
  const ids = new Set<string>()
  return {
    has: (id) => ids.has(id),
    add(id) {
      ids.add(id)
      if (ids.size > REMEMBERED_ENDS) ids.delete(ids.values().next().value ?? '')
    },
  }
}
