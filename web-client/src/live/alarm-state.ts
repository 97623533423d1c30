import { computed, shallowRef, type ComputedRef, type ShallowRef } from 'vue'
import type { Alarm, AlarmWatch } from '@vigil/contract/api/alarms'
import type { Bed, Ward } from '@vigil/contract/api/patients'
import { byNeed } from '../alarms/alarm-order.ts'
import { createHeardWards, type Place } from './heard-wards.ts'
import { createKnownAlarms, type KnownAlarms } from './known-alarms.ts'
import { createStayFacts, type StayFacts } from './stay-facts.ts'

/** Open alarms of the wards this screen watches, and what else is said about them; kept up to date by live frames. */
export interface AlarmState extends Omit<StayFacts, 'tellStay'>, Pick<KnownAlarms, 'words' | 'newest'> {
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
}

export function createAlarmState(): AlarmState {
  const known = createKnownAlarms()
  const heard = createHeardWards()
  const { tellStay, ...facts } = createStayFacts()
  const watch = shallowRef<AlarmWatch>()

  const open = computed(() => known.all.value.filter(heard.isWanted).sort(byNeed))
  const byBed = computed(() => grouped(open.value, (alarm) => alarm.bedId))
  const byStay = computed(() => grouped(open.value, (alarm) => alarm.stayId))

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
      known.replace((alarm) => alarm.wardId === ward.id || ofSite(alarm), [...(ward.alarms ?? []), ...ward.beds.flatMap((bed) => bed.alarms ?? [])])
      ward.beds.forEach(tellStay)
      if (ward.alarmWatch) watch.value = ward.alarmWatch
    },
    setBed(wardId, bed) {
      known.replace((alarm) => alarm.wardId === wardId && alarm.bedId === bed.id, bed.alarms ?? [])
      tellStay(bed)
    },
    setAlarm: known.put,
    setWatch: (now) => void (watch.value = now),
    setWanted(wardIds) {
      heard.want(wardIds)
      known.replace((alarm) => !heard.isWanted(alarm), [])
    },
    lost: heard.lost,
    hears: heard.hears,
    words: known.words,
    newest: known.newest,
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
