import { iso } from '../../iso.ts'
import { type Coding, type FhirResource, metaOf, toFhirId } from './resource.ts'
import { VIGIL_AUDIT_ACTION, VIGIL_ROLE } from './systems.ts'

/** One line of the audit. Times in ms since the Unix epoch. */
export interface AuditFacts {
  readonly recordId: string
  readonly atMs: number
  readonly username: string
  readonly role: string
  readonly action: string
  readonly origin: string
  readonly requestId: string
  readonly patientId: string | null
  readonly stayId: string | null
  readonly deviceId: string | null
  readonly detail: Readonly<Record<string, unknown>> | null
}

type Interaction = 'create' | 'read' | 'update' | 'delete' | 'search'
const BALP = 'https://profiles.ihe.net/ITI/BALP/'
const DCM = 'http://dicom.nema.org/resources/ontology/DCM'
const ENTITY_TYPE = 'http://terminology.hl7.org/CodeSystem/audit-entity-type'
const OBJECT_ROLE = 'http://terminology.hl7.org/CodeSystem/object-role'

/** By the last word of an action; everything else changes something. */
const INTERACTIONS: Readonly<Record<string, Interaction>> = {
  read: 'read', watch: 'read', export: 'read', search: 'search', list: 'search', find: 'search', lastn: 'search', everything: 'search', simulate: 'search',
  add: 'create', admit: 'create', ask: 'create', enrol: 'create', code: 'create', subscribe: 'create', retire: 'delete', cancel: 'delete', unsubscribe: 'delete',
}
const ACTIONS: Readonly<Record<Interaction, string>> = { create: 'C', read: 'R', update: 'U', delete: 'D', search: 'E' }
const PROFILES: Readonly<Record<Interaction, string>> = { create: 'Create', read: 'Read', update: 'Update', delete: 'Delete', search: 'Query' }

/** In the shape of IHE Basic Audit Log Patterns (BALP): who, from where, which server, whose data, which request. */
export function auditEventOf(audit: AuditFacts): FhirResource {
  const [area = '', word = ''] = audit.action.split('.')
  const isSignIn = area === 'session'
  const interaction = INTERACTIONS[word] ?? 'update'
  const isRefused = word === 'refused'
  const entities = entitiesOf(audit, interaction)
  return {
    resourceType: 'AuditEvent',
    id: audit.recordId,
    meta: metaOf({ versionId: 1, updatedMs: audit.atMs, isTest: false, profile: isSignIn || isRefused ? undefined : profileOf(audit, interaction) }),
    type: isSignIn ? { system: DCM, code: '110114', display: 'User Authentication' } : { system: 'http://terminology.hl7.org/CodeSystem/audit-event-type', code: 'rest', display: 'RESTful Operation' },
    subtype: [isSignIn ? signInSubtype(word) : { system: 'http://hl7.org/fhir/restful-interaction', code: interaction, display: interaction }, { system: VIGIL_AUDIT_ACTION, code: audit.action }],
    action: isSignIn ? 'E' : ACTIONS[interaction],
    recorded: iso(audit.atMs),
    outcome: isRefused ? '4' : '0',
    agent: agentsOf(audit),
    source: { observer: { display: 'Vigil central station' }, type: [{ system: 'http://terminology.hl7.org/CodeSystem/security-source-type', code: '4', display: 'Application Server' }] },
    ...(entities.length === 0 ? {} : { entity: entities }),
  }
}

function profileOf({ patientId, stayId, deviceId, detail }: AuditFacts, interaction: Interaction): string | undefined {
  // BALP wants to know what was touched, or what was asked.
  const isWhole = interaction === 'search' ? detail !== null : patientId !== null || stayId !== null || deviceId !== null
  return isWhole ? `${BALP}StructureDefinition/IHE.BasicAudit.${patientId === null ? '' : 'Patient'}${PROFILES[interaction]}` : undefined
}

function signInSubtype(word: string): Coding {
  return word === 'close' ? { system: DCM, code: '110123', display: 'Logout' } : { system: DCM, code: '110122', display: 'Login' }
}

function agentsOf({ username, role, origin }: AuditFacts): object[] {
  const client = { type: { coding: [{ system: DCM, code: '110153', display: 'Source Role ID' }] }, who: { display: origin === '' ? 'inside the server' : origin }, requestor: false, ...(origin === '' ? {} : { network: { address: origin, type: '2' } }) }
  const server = { type: { coding: [{ system: DCM, code: '110152', display: 'Destination Role ID' }] }, who: { display: 'Vigil central station' }, requestor: false }
  const user = {
    type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType', code: 'IRCP', display: 'information recipient' }] },
    ...(role === '' ? {} : { role: [{ coding: [{ system: VIGIL_ROLE, code: role }] }] }),
    who: { identifier: { value: username === '' ? '(unknown)' : username } },
    requestor: true,
  }
  return [client, server, user]
}

function entitiesOf({ patientId, stayId, deviceId, detail, requestId }: AuditFacts, interaction: Interaction): object[] {
  const named = typeof detail?.['resource'] === 'string' ? detail['resource'] : undefined
  const data = named ?? (deviceId !== null ? `Device/${toFhirId(deviceId)}` : stayId !== null ? `Encounter/${stayId}` : patientId !== null ? `Patient/${patientId}` : undefined)
  const coded = (system: string, code: string, display: string) => ({ system, code, display })
  return [
    ...(patientId === null ? [] : [{ what: { reference: `Patient/${patientId}` }, type: coded(ENTITY_TYPE, '1', 'Person'), role: coded(OBJECT_ROLE, '1', 'Patient') }]),
    ...(data === undefined || interaction === 'search' ? [] : [{ what: { reference: data }, type: coded(ENTITY_TYPE, '2', 'System Object'), role: coded(OBJECT_ROLE, '4', 'Domain Resource') }]),
    ...(detail === null ? [] : [{ type: coded(ENTITY_TYPE, '2', 'System Object'), role: coded(OBJECT_ROLE, '24', 'Query'), query: Buffer.from(JSON.stringify(detail), 'utf8').toString('base64') }]),
    ...(requestId === '' ? [] : [{ what: { identifier: { value: requestId } }, type: coded(`${BALP}CodeSystem/BasicAuditEntityType`, 'XrequestId', 'X-Request-Id') }]),
  ]
}
