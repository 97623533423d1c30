import type { Alarm, Clock, Stop } from '@vigil/contract'

/** Alarms of one step that go out together. */
export interface Gathered {
  readonly step: string
  readonly alarms: readonly Alarm[]
}

/** Conditions of one patient within this time are one notice. */
const PATIENT_MS = 10_000
/** More notices than this within a minute with one cause become one. */
const FLOOD = 10
const FLOOD_MS = 60_000

/** The first alarm goes out at once; what follows it too closely goes out together. */
export function gather(clock: Clock, send: (gathered: Gathered) => void): { add(step: string, alarm: Alarm): void; stop(): void } {
  const windows = new Map<string, Map<string, Alarm>>()
  const recent = new Map<string, number[]>()
  const timers = new Set<Stop>()

  const open = (key: string, step: string) => {
    windows.set(key, new Map())
    const stop = clock.after(PATIENT_MS, () => {
      timers.delete(stop)
      const alarms = [...(windows.get(key)?.values() ?? [])]
      windows.delete(key)
      if (alarms.length === 0) return
      open(key, step)
      send({ step, alarms })
    })
    timers.add(stop)
  }
  const isFlood = (cause: string): boolean => {
    const now = clock.monotonic()
    const times = (recent.get(cause) ?? []).filter((at) => now - at < FLOOD_MS)
    times.push(now)
    recent.set(cause, times)
    return times.length > FLOOD
  }

  return {
    add(step, alarm) {
      const cause = `${step}|${alarm.condition.split(':')[0]}`
      const key = isFlood(cause) ? cause : `${step}|${alarm.stayId ?? `${alarm.subject.kind}:${alarm.subject.id}`}`
      const window = windows.get(key)
      if (window) return void window.set(alarm.id, alarm)
      open(key, step)
      // Of a flood even the first waits: more of it is on its way.
      if (key === cause) windows.get(key)?.set(alarm.id, alarm)
      else send({ step, alarms: [alarm] })
    },
    stop: () => timers.forEach((stop) => stop()),
  }
}
