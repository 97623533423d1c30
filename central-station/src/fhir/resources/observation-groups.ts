import { type Signal, signalByName, type SignalName, signals } from '@vigil/contract'
import type { Coding } from './resource.ts'
import { LOINC, MDC, VIGIL_SIGNAL } from './systems.ts'

const PROFILE = 'http://hl7.org/fhir/StructureDefinition/'

export type ObservationCategory = 'vital-signs' | 'procedure' | 'activity' | 'laboratory' | 'exam' | 'survey'

/** What becomes one Observation: one signal, or the pressures of one measurement together. */
export interface ObservationGroup {
  /** Part of the Observation's id, so it never changes: a short name of the signal catalogue, `bp` or `abp`. */
  readonly key: string
  readonly category: ObservationCategory
  readonly profile: string | undefined
  readonly codings: readonly Coding[]
  readonly text: string
  /** The one signal, or the components in order. */
  readonly signals: readonly Signal[]
  readonly isPanel: boolean
  readonly method: string | undefined
}

/** About the room or the board, not about the patient: in DeviceMetric, never in Observation. */
const NOT_OF_THE_PATIENT: ReadonlySet<SignalName> = new Set(['pamb', 'co2', 'tvoc', 'eco2', 'tamb', 'rhum', 'batt', 'rssi', 'audio'])

const CATEGORIES: Readonly<Partial<Record<SignalName, ObservationCategory>>> = {
  paw: 'procedure', pip: 'procedure', pmean: 'procedure', pmin: 'procedure', peep: 'procedure', fio2: 'procedure',
  steps: 'activity', aenergy: 'activity', renergy: 'activity', flights: 'activity', dist: 'activity', wspeed: 'activity', wstep: 'activity', wasym: 'activity', wdouble: 'activity',
  gluc: 'laboratory',
}

/** The vital-signs profiles of FHIR R4; each demands its own LOINC code. */
const PROFILES: Readonly<Partial<Record<SignalName, string>>> = {
  hr: 'heartrate', pr: 'heartrate', spo2: 'oxygensat', rr: 'resprate', rrppg: 'resprate', temp: 'bodytemp', tcore: 'bodytemp', weight: 'bodyweight', height: 'bodyheight',
}

/** The code of the profile stands first: the oxygensat profile takes 2708-6 only, 59408-5 (by pulse oximetry) beside it. */
const FIRST_LOINC: Readonly<Partial<Record<SignalName, string>>> = { pr: '8867-4', spo2: '2708-6', tcore: '8310-5' }

const METHODS: Readonly<Partial<Record<SignalName, string>>> = {
  hr: 'Electrocardiogram', pr: 'Photoplethysmography', spo2: 'Photoplethysmography', pi: 'Photoplethysmography', rrppg: 'Derived from the plethysmogram',
}

const PANELS: readonly { readonly key: string; readonly names: readonly SignalName[]; readonly text: string; readonly method: string }[] = [
  { key: 'bp', names: ['sys', 'dia', 'map'], text: 'Blood pressure', method: 'Non-invasive' },
  { key: 'abp', names: ['asys', 'adia', 'amap'], text: 'Arterial blood pressure', method: 'Invasive, arterial line' },
]
const inPanels: ReadonlySet<SignalName> = new Set(PANELS.flatMap((panel) => panel.names))

/** Code of a signal in LOINC and ISO/IEEE 11073; its short name where neither has one. */
export function codingsOf(signal: Signal): Coding[] {
  const first = FIRST_LOINC[signal.name]
  const loinc = signal.loinc.map(({ code, display }): Coding => ({ system: LOINC, code, display })).sort((a, b) => Number(b.code === first) - Number(a.code === first))
  const [mdc] = signal.mdc
  const codings = [...loinc, ...(mdc ? [{ system: MDC, code: String(mdc.code), display: mdc.refid }] : [])]
  return codings.length > 0 ? codings : [{ system: VIGIL_SIGNAL, code: signal.name, display: signal.display }]
}

function single(signal: Signal): ObservationGroup {
  const category = CATEGORIES[signal.name] ?? 'vital-signs'
  const profile = PROFILES[signal.name] ?? (category === 'vital-signs' ? 'vitalsigns' : undefined)
  return { key: signal.name, category, profile: profile && PROFILE + profile, codings: codingsOf(signal), text: signal.display, signals: [signal], isPanel: false, method: METHODS[signal.name] }
}

function panel({ key, names, text, method }: (typeof PANELS)[number]): ObservationGroup {
  return {
    key, category: 'vital-signs', profile: `${PROFILE}bp`, text, method, isPanel: true,
    codings: [{ system: LOINC, code: '85354-9', display: 'Blood pressure panel with all children optional' }],
    signals: names.flatMap((name) => signalByName(name) ?? []),
  }
}

/** In this order where several share an instant. */
export const observationGroups: readonly ObservationGroup[] = [...signals.filter(({ name }) => !inPanels.has(name) && !NOT_OF_THE_PATIENT.has(name)).map(single), ...PANELS.map(panel)]

const byKey: ReadonlyMap<string, ObservationGroup> = new Map(observationGroups.map((group) => [group.key, group]))

export function groupByKey(key: string): ObservationGroup | undefined {
  return byKey.get(key)
}
