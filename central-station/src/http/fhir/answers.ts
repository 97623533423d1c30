import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '@vigil/contract'
import type { Asking } from '../../fhir/fhir-type.ts'
import { referencesIn } from '../../fhir/includes.ts'
import type { FhirResource } from '../../fhir/resources/resource.ts'
import { type Asked, CURSOR } from '../../fhir/search/asked.ts'
import { type Cursor, writeCursor } from '../../fhir/search/cursor.ts'
import { may } from '../../people/caller.ts'
import type { Subject } from '../../audit/audit.ts'
import { mustCaller } from '../context.ts'
import { baseOf } from './negotiation.ts'

export function askingOf(request: FastifyRequest, clock: Clock): Asking {
  const caller = mustCaller(request)
  return { wards: caller.wards, may: (permission) => may(caller, permission), base: baseOf(request), nowMs: clock.now() }
}

/** Name and value of each parameter, in order: of the address, or of a form. */
export function pairsOf(text: string): [string, string][] {
  return [...new URLSearchParams(text)]
}

export const queryOf = ({ url }: Pick<FastifyRequest, 'url'>): string => url.split('?')[1] ?? ''

export function linkTo(address: string, used: Asked['used'], cursor?: Cursor): string {
  const params = new URLSearchParams(used.map(([name, value]): [string, string] => [name, value]))
  if (cursor) params.set(CURSOR, writeCursor(cursor))
  const query = params.toString()
  return query === '' ? address : `${address}?${query}`
}

/** `_elements`: what was asked for, and what no resource is without. */
export function narrowed(resource: FhirResource, { elements, summary }: Pick<Asked, 'elements' | 'summary'>): FhirResource {
  if (elements.length === 0) {
    const { text: _, ...data } = resource
    return summary === 'data' ? data : resource
  }
  const kept = Object.entries(resource).filter(([name]) => elements.includes(name) || ALWAYS.has(name))
  const subsetted = { system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'SUBSETTED' }
  const { meta } = resource
  return { ...(Object.fromEntries(kept) as FhirResource), meta: { ...meta, tag: [...(meta.tag ?? []), subsetted] } }
}
const ALWAYS: ReadonlySet<string> = new Set(['resourceType', 'id', 'status', 'code', 'subject', 'class', 'type', 'category', 'recorded', 'agent', 'source'])

/** Sends one resource with its version; 304 when the client has it already. */
export function sendResource(request: FastifyRequest, reply: FastifyReply, resource: FhirResource): FastifyReply {
  const etag = `W/"${resource.meta.versionId}"`
  void reply.header('etag', etag).header('last-modified', new Date(resource.meta.lastUpdated).toUTCString())
  const known = (request.headers['if-none-match'] ?? '').split(',').map((tag) => tag.trim())
  return known.includes(etag) ? reply.code(304).send() : reply.send(resource)
}

/** Values that may stand in the audit; the rest could name somebody. */
const SAFE: ReadonlySet<string> = new Set(['code', 'combo-code', 'category', 'date', 'status', 'patient', 'subject', 'encounter', 'device', 'source', 'type', 'subtype', '_id', '_lastUpdated', '_count', '_sort', '_include', '_revinclude'])

/** Who and what an answer told of, for the audit. */
export function subjectOf(type: string, resources: readonly FhirResource[], detail: Readonly<Record<string, unknown>>): Subject {
  const patients = [...new Set(resources.flatMap((one) => (one.resourceType === 'Patient' ? [one.id] : referencesIn(one, 'Patient'))))]
  const stays = [...new Set(resources.flatMap((one) => (one.resourceType === 'Encounter' ? [one.id] : referencesIn(one, 'Encounter'))))]
  const [patientId, ...otherPatients] = patients
  const [stayId, ...otherStays] = stays
  return {
    ...(patientId !== undefined && otherPatients.length === 0 ? { patientId } : {}),
    ...(stayId !== undefined && otherStays.length === 0 ? { stayId } : {}),
    detail: { type, ...detail, ...(otherPatients.length > 0 ? { patients } : {}) },
  }
}

export function askedDetail(asked: Pick<Asked, 'used'>): Record<string, unknown> {
  return Object.fromEntries(asked.used.map(([name, value]) => [name, SAFE.has(name) ? value : '(asked)']))
}

