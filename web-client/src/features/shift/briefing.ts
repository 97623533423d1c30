import type { Alarm } from '@vigil/contract/api/alarms'
import type { Bed, Ward } from '@vigil/contract/api/patients'

/** One line of what a nurse should know at the start of the shift. */
export interface BriefLine {
  readonly key: string
  readonly kind: 'high' | 'paused' | 'off' | 'changed' | 'news2' | 'lost' | 'battery'
  readonly stayId?: string
  readonly slots: Readonly<Record<string, string | number>>
  /** Larger first. */
  readonly weight: number
}

const LOW_BATTERY = 20
const HIGH_NEWS2 = 5

type Finding = readonly [kind: BriefLine['kind'], weight: number, slots?: BriefLine['slots']]

/** The lines that matter, heaviest first: high alarms by bed, whose monitoring is paused, what is off or changed, deteriorating patients, lost devices. */
export function briefing(wards: readonly Ward[], alarms: readonly Alarm[]): BriefLine[] {
  const lines = wards.flatMap((ward) => ward.beds.flatMap((bed): BriefLine[] => {
    const { stay } = bed
    if (!stay) return []
    const own = alarms.filter((alarm) => alarm.stayId === stay.id)
    return [...fromAlarms(bed, own), ...fromDevice(bed)].map(([kind, weight, slots]) => ({ key: `${bed.id}/${kind}`, kind, weight, stayId: stay.id, slots: { bed: bed.label, ...slots } }))
  }))
  return lines.sort((a, b) => b.weight - a.weight)
}

function fromAlarms({ news2, monitoring, ...bed }: Bed, own: readonly Alarm[]): Finding[] {
  const high = own.filter((alarm) => alarm.priority === 'high' && alarm.kind === 'physiological').length
  const out: Finding[] = []
  if (high > 0) out.push(['high', 100 + high, { n: high }])
  if (news2 && news2.score >= HIGH_NEWS2) out.push(['news2', 90 + news2.score, { score: news2.score }])
  if (monitoring?.mode === 'paused') out.push(['paused', 85, { by: monitoring.by ?? '', reason: monitoring.reason ?? '' }])
  return [...out, ...fromQuiet(bed)]
}

function fromQuiet({ audio, limitNotes = [] }: Pick<Bed, 'audio' | 'limitNotes'>): Finding[] {
  const isOff = audio?.mode === 'off' || limitNotes.some(({ what }) => what === 'alarm off' || what === 'not watched')
  const changed = limitNotes.filter(({ what }) => what === 'changed').length
  return [...(isOff ? [['off', 80] as const] : []), ...(changed > 0 ? [['changed', 60, { n: changed }] as const] : [])]
}

function fromDevice({ device, latest }: Bed): Finding[] {
  const battery = latest['batt']?.v
  if (device?.status === 'lost') return [['lost', 70, { device: device.id }]]
  return device && typeof battery === 'number' && battery < LOW_BATTERY ? [['battery', 50, { device: device.id, percent: Math.round(battery) }]] : []
}
