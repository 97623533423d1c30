import { computed, shallowRef, triggerRef, type ComputedRef, type ShallowRef } from 'vue'
import type { Alarm, AlarmWatch } from '@vigil/contract/api/alarms'
import type { Bed, Ward } from '@vigil/contract/api/patients'
import { byNeed } from '../alarms/alarm-order.ts'
import { createHeardWards, type Place } from './heard-wards.ts'
import { createStayFacts, type StayFacts } from './stay-facts.ts'

/** Open alarms of the wards this screen watches, and what else is said about them; kept up to date by live frames. */
export interface AlarmState extends Omit<StayFacts, 'tellStay'> {
  /** Of the wards this screen asked to watch, most urgent first. */
  readonly open: ComputedRef<readonly Alarm[]>
  /** Open alarms of one bed, most urgent first. */
  ofBed(bedId: string): readonly Alarm[]
  ofStay(stayId: string): readonly Alarm[]
  /** Whether alarms are watched at all; undefined until the server has said so. */
  readonly watch: Readonly<ShallowRef<AlarmWatch | undefined>>
  setWard(ward: Ward): void
  setBed(wardId: string, bed: Bed): void
  setAlarm(alarm: Alarm): void
  setWatch(watch: AlarmWatch): void
  /** The wards asked for from now on. Nothing more comes of the others: what stood open there must not stand, and sound, here for ever. */
  setWanted(wardIds: readonly string[]): void
  /** The connection ended: what was told is the past until it is told again. */
  lost(): void
  /** Whether word of this alarm comes by the live connection, so that a list asked for in between is older. */
  readonly hears: (place: Place) => boolean
  /** How many words were taken in so far; to be noted when such a list is asked for. */
  words(): number
  /** An alarm out of a list asked for after that many words: what was said of it meanwhile is newer. Undefined when it is over. */
  newest(alarm: Alarm, afterWords: number): Alarm | undefined
}

export function createAlarmState(): AlarmState {
  const known = shallowRef(new Map<string, Alarm>())
  /** An answer keeps the version of its alarm, so the order of words is counted apart. */
  const wordOf = new WeakMap<Alarm, number>()
  let words = 0
  const over = createEnds()
  const heard = createHeardWards()
  const { tellStay, ...facts } = createStayFacts()
  const watch = shallowRef<AlarmWatch>()

  const open = computed(() => [...known.value.values()].filter(heard.isWanted).sort(byNeed))
  const byBed = computed(() => grouped(open.value, (alarm) => alarm.bedId))
  const byStay = computed(() => grouped(open.value, (alarm) => alarm.stayId))

  function put(alarm: Alarm): void {
    const old = known.value.get(alarm.id)
    // Frames and answers cross: an older word never replaces a newer one, nor does it bring back what is over.
    if (over.has(alarm.id) || (old && old.version > alarm.version)) return
    if (alarm.state === 'cleared') {
      known.value.delete(alarm.id)
      over.add(alarm.id)
    } else known.value.set(alarm.id, alarm)
    wordOf.set(alarm, ++words)
  }

  /** What is not told again is over. */
  function replace(gone: (alarm: Alarm) => boolean, alarms: readonly Alarm[]): void {
    for (const [id, alarm] of known.value) if (gone(alarm)) known.value.delete(id)
    alarms.forEach(put)
    triggerRef(known)
  }

  return {
    open,
    ofBed: (bedId) => byBed.value.get(bedId) ?? none,
    ofStay: (stayId) => byStay.value.get(stayId) ?? none,
    ...facts,
    watch,
    setWard(ward) {
      heard.tell(ward)
      // A ward tells what is open of its site too: what it does not tell again is over, though no frame said so.
      const ofSite = ({ wardId, site, subject }: Alarm) => wardId === undefined && site === ward.site && subject.kind !== 'stay'
      replace((alarm) => alarm.wardId === ward.id || ofSite(alarm), [...(ward.alarms ?? []), ...ward.beds.flatMap((bed) => bed.alarms ?? [])])
      ward.beds.forEach(tellStay)
      if (ward.alarmWatch) watch.value = ward.alarmWatch
    },
    setBed(wardId, bed) {
      replace((alarm) => alarm.wardId === wardId && alarm.bedId === bed.id, bed.alarms ?? [])
      tellStay(bed)
    },
    setAlarm(alarm) {
      put(alarm)
      triggerRef(known)
    },
    setWatch: (now) => void (watch.value = now),
    setWanted(wardIds) {
      heard.want(wardIds)
      replace((alarm) => !heard.isWanted(alarm), [])
    },
    lost: heard.lost,
    hears: heard.hears,
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

const none: readonly Alarm[] = []

function grouped(alarms: readonly Alarm[], keyOf: (alarm: Alarm) => string | undefined): Map<string, Alarm[]> {
  const groups = new Map<string, Alarm[]>()
  for (const alarm of alarms) {
    const key = keyOf(alarm)
    if (key === undefined) continue
    const group = groups.get(key)
    if (group) group.push(alarm)
    else groups.set(key, [alarm])
  }
  return groups
}
