import type { Database } from '../../db/database.ts'
import type { FhirType } from '../fhir-type.ts'
import { uuidsOnly } from '../observations/filter.ts'
import { auditEventOf } from '../resources/audit-event.ts'
import { encounterOf } from '../resources/encounter.ts'
import { flagOf } from '../resources/flag.ts'
import { patientOf } from '../resources/patient.ts'
import { type Asked, type ParamSpec, valuesOf, wrong } from '../search/asked.ts'
import { readReference } from '../search/references.ts'
import { readToken } from '../search/tokens.ts'
import { alarmSorts, findAlarms } from '../store/alarm-rows-pg.ts'
import { auditSorts, findAuditRecords } from '../store/audit-rows-pg.ts'
import { findPatients, patientSorts } from '../store/patient-rows-pg.ts'
import { findStays, staySorts } from '../store/stay-rows-pg.ts'
import { typeFromRows } from './from-rows.ts'

const ofPatient: readonly ParamSpec[] = [
  { name: 'patient', kind: 'reference', documentation: 'Whose it is' },
  { name: 'subject', kind: 'reference', documentation: 'The same as patient' },
]

export function patientType(database: Database): FhirType {
  return typeFromRows({
    type: 'Patient',
    permission: 'patient:read',
    profiles: [],
    params: [
      { name: 'identifier', kind: 'token', documentation: 'Hospital number' },
      { name: 'name', kind: 'string', documentation: 'Beginning of the family name, the given name or the title' },
      { name: 'family', kind: 'string', documentation: 'Beginning of the family name' },
      { name: 'given', kind: 'string', documentation: 'Beginning of the given name' },
      { name: 'birthdate', kind: 'date', documentation: 'Day of birth' },
      { name: 'gender', kind: 'token', documentation: 'female, male, other or unknown' },
    ],
    sorts: patientSorts,
    includes: [],
    revincludes: ['Encounter:patient', 'Encounter:subject', 'Flag:patient', 'Flag:subject', 'Device:patient'],
    find: (asked, cursor, { ids, asking }) => findPatients(database, asked, cursor, { ...asking, ids }),
    toResource: patientOf,
  })
}

export function encounterType(database: Database): FhirType {
  return typeFromRows({
    type: 'Encounter',
    permission: 'patient:read',
    profiles: [],
    params: [
      ...ofPatient,
      { name: 'status', kind: 'token', documentation: 'in-progress or finished' },
      { name: 'class', kind: 'token', documentation: 'IMP: every stay is that of an inpatient' },
      { name: 'date', kind: 'date', documentation: 'When the stay was' },
    ],
    sorts: staySorts,
    includes: ['Encounter:patient', 'Encounter:subject'],
    revincludes: [],
    find: (asked, cursor, { ids, asking }) => findStays(database, asked, cursor, { ...asking, ids: outOfClass(asked) ? [] : ids, patientIds: uuids(asked, ['patient', 'subject'], 'Patient', asking.base), isOver: either(asked, 'status', 'finished', 'in-progress') }),
    toResource: encounterOf,
  })
}

export function flagType(database: Database): FhirType {
  return typeFromRows({
    type: 'Flag',
    permission: 'patient:read',
    profiles: [],
    params: [
      ...ofPatient,
      { name: 'encounter', kind: 'reference', documentation: 'The stay it belongs to' },
      { name: 'status', kind: 'token', documentation: 'active, or inactive once the alarm, or the pause of monitoring, is over' },
      { name: 'category', kind: 'token', documentation: 'clinical for physiological alarms, safety for technical ones and pauses of monitoring' },
      { name: 'date', kind: 'date', documentation: 'When the alarm was' },
    ],
    sorts: alarmSorts,
    includes: ['Flag:patient', 'Flag:subject', 'Flag:encounter', 'Flag:author'],
    revincludes: [],
    find: (asked, cursor, { ids, asking }) =>
      findAlarms(database, asked, cursor, {
        ...asking, ids, patientIds: uuids(asked, ['patient', 'subject'], 'Patient', asking.base), stayIds: uuids(asked, ['encounter'], 'Encounter', asking.base),
        isOver: either(asked, 'status', 'inactive', 'active'), kinds: kindsOf(asked),
      }),
    toResource: flagOf,
  })
}

export function auditEventType(database: Database): FhirType {
  return typeFromRows({
    type: 'AuditEvent',
    permission: 'audit:read',
    profiles: [],
    params: [
      { name: 'patient', kind: 'reference', documentation: 'Whose data was read or changed' },
      { name: 'date', kind: 'date', documentation: 'When' },
      { name: 'subtype', kind: 'token', documentation: 'Action of the audit, for example patient.read' },
    ],
    sorts: auditSorts,
    includes: ['AuditEvent:patient'],
    revincludes: [],
    find: (asked, cursor, { ids, asking }) =>
      findAuditRecords(database, asked, cursor, { ...asking, ids, patientIds: uuids(asked, ['patient'], 'Patient', asking.base), actions: valuesOf(asked, 'subtype').map((values) => values.flatMap((value) => readToken(value).code ?? [])) }),
    toResource: auditEventOf,
  })
}

function uuids(asked: Asked, names: readonly string[], type: string, base: string): string[][] {
  return names.flatMap((name) => valuesOf(asked, name)).map((values) => uuidsOnly(values.flatMap((value) => readReference(value, type, base) ?? [])) ?? [])
}

/** A parameter with two possible values: the first, the second, or `undefined` for both. @throws AppError INVALID_REQUEST */
function either(asked: Asked, name: string, yes: string, no: string): boolean | undefined {
  const lists = valuesOf(asked, name).map((values) => values.map((value) => readToken(value).code))
  const may = (word: string) => lists.every((codes) => codes.includes(word))
  if (lists.length > 0 && !may(yes) && !may(no)) throw wrong(`${name} here is ${yes} or ${no}.`)
  return may(yes) === may(no) ? undefined : may(yes)
}

function kindsOf(asked: Asked): string[] | undefined {
  const lists = valuesOf(asked, 'category').map((values) => values.map((value) => readToken(value).code))
  if (lists.length === 0) return undefined
  return [['clinical', 'physiological'], ['safety', 'technical']].flatMap(([code, kind]) => (lists.every((codes) => codes.includes(code)) ? [kind as string] : []))
}

function outOfClass(asked: Asked): boolean {
  return valuesOf(asked, 'class').some((values) => !values.some((value) => readToken(value).code === 'IMP'))
}
