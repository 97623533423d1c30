import { computed, shallowRef, triggerRef, type ComputedRef, type ShallowRef } from 'vue'
import type { Alarm, AlarmWatch } from '@vigil/contract/api/alarms'
import type { Bed, Ward } from '@vigil/contract/api/patients'
import { byNeed } from '../alarms/alarm-order.ts'
import { createStayFacts, type StayFacts } from './stay-facts.ts'

/** Open alarms of the wards this screen watches, and what else is said about them; kept up to date by live frames. */
export interface AlarmState extends Omit<StayFacts, 'tellStay'> {
  /** Most urgent first. */
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
  /** What is known of the alarms of a list asked by HTTP; used by the alarm page for wards that are not watched live. */
  setAll(alarms: readonly Alarm[]): void
}

export function createAlarmState(): AlarmState {
  const known = shallowRef(new Map<string, Alarm>())
  const over = createEnds()
  const { tellStay, ...facts } = createStayFacts()
  const watch = shallowRef<AlarmWatch>()

  const open = computed(() => [...known.value.values()].sort(byNeed))
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
    setAll: (alarms) => replace(() => true, alarms),
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
