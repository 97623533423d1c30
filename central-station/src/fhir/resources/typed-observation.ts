import { signalByName } from '@vigil/contract'
import { type Consciousness, news2Parts, type News2Part } from '@vigil/contract/alarms'
import { iso } from '../../iso.ts'
import { codingsOf, groupByKey } from './observation-groups.ts'
import { category, dataAbsentReason, quantity } from './observation.ts'
import { type Coding, type FhirResource, metaOf } from './resource.ts'
import { LOINC, SNOMED, VIGIL_ACVPU } from './systems.ts'

/** What a person entered at the bedside, one row for everything seen at once. Times in ms since the Unix epoch. */
export interface TypedFacts {
  readonly id: string
  readonly stayId: string
  readonly patientId: string
  readonly atMs: number
  readonly enteredMs: number
  readonly username: string
  readonly isTest: boolean
  readonly seen: Readonly<Record<string, unknown>>
}

/** What each part is called. `key` is that of the group a sensor's Observation of the same thing has, where there is one. */
export interface TypedPart {
  readonly part: News2Part
  readonly key: string
  readonly category: string
  readonly codings: readonly Coding[]
  readonly text: string
}

const ofGroup = (part: News2Part, key: string): TypedPart => {
  const group = groupByKey(key)
  // A code that names the instrument (MDC, "by pulse oximetry") would say too much of what a person counted.
  const codings = (group?.codings ?? []).filter(({ system, code }) => system === LOINC && !['8889-8', '59408-5'].includes(code))
  return { part, key, category: 'vital-signs', codings, text: group?.text ?? part }
}

const PARTS: Readonly<Record<News2Part, TypedPart>> = {
  respRate: ofGroup('respRate', 'rr'),
  spo2: { ...ofGroup('spo2', 'spo2'), codings: groupByKey('spo2')?.codings.filter(({ system }) => system === LOINC) ?? [] },
  pulse: ofGroup('pulse', 'pr'),
  temp: ofGroup('temp', 'temp'),
  sys: ofGroup('sys', 'bp'),
  oxygen: { part: 'oxygen', key: 'oxygen', category: 'procedure', codings: [{ system: SNOMED, code: '57485005', display: 'Oxygen therapy' }], text: 'Supplemental oxygen' },
  consciousness: { part: 'consciousness', key: 'consciousness', category: 'exam', codings: [{ system: LOINC, code: '67775-7', display: 'Level of responsiveness' }], text: 'Consciousness (ACVPU)' },
}

export const typedParts: readonly TypedPart[] = news2Parts.map((part) => PARTS[part])

const LEVELS: Readonly<Record<Consciousness, string>> = { A: 'Alert', C: 'New confusion', V: 'Responds to voice', P: 'Responds to pain', U: 'Unresponsive' }

export function typedId(id: string, part: News2Part): string {
  return `o.${id}.${part}`
}

export function parseTypedId(id: string): { readonly id: string; readonly part: TypedPart } | undefined {
  const match = /^o\.([0-9a-f-]{36})\.([A-Za-z0-9]{1,16})$/.exec(id)
  const part = typedParts.find((one) => one.part === match?.[2])
  return match && part ? { id: match[1] as string, part } : undefined
}

/** One part of what a person entered; `undefined` when they entered nothing about it. */
export function typedObservationOf(part: TypedPart, typed: TypedFacts): FhirResource | undefined {
  const value = typed.seen[part.part]
  const said = value === undefined || value === null ? undefined : wordsOf(part, value)
  if (!said) return undefined
  const profile = groupByKey(part.key)?.profile
  return {
    resourceType: 'Observation',
    id: typedId(typed.id, part.part),
    meta: metaOf({ versionId: 1, updatedMs: typed.enteredMs, profile, isTest: typed.isTest }),
    status: 'final',
    category: category(part.category),
    code: { coding: part.codings, text: part.text },
    subject: { reference: `Patient/${typed.patientId}` },
    encounter: { reference: `Encounter/${typed.stayId}` },
    effectiveDateTime: iso(typed.atMs),
    issued: iso(typed.enteredMs),
    performer: [{ display: typed.username }],
    ...said,
    method: { text: 'Entered by a person' },
  }
}

function wordsOf({ part, key }: TypedPart, value: unknown): object | undefined {
  if (part === 'oxygen') return typeof value === 'boolean' ? { valueBoolean: value } : undefined
  if (part === 'consciousness') return isLevel(value) ? { valueCodeableConcept: { coding: [{ system: VIGIL_ACVPU, code: value, display: LEVELS[value] }], text: LEVELS[value] } } : undefined
  if (typeof value !== 'number') return undefined
  if (part === 'sys') return { component: [pressure('sys', { valueQuantity: quantity(value, 'mm[Hg]') }), pressure('dia', { dataAbsentReason: dataAbsentReason(undefined) })] }
  const ucum = groupByKey(key)?.signals[0]?.ucum
  return ucum === undefined ? undefined : { valueQuantity: quantity(value, ucum) }
}

function isLevel(value: unknown): value is Consciousness {
  return typeof value === 'string' && Object.hasOwn(LEVELS, value)
}

function pressure(name: 'sys' | 'dia', said: object): object {
  const signal = signalByName(name)
  return { code: { coding: signal ? codingsOf(signal).filter(({ system }) => system === LOINC) : [] }, ...said }
}
