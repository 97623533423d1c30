import { iso } from '../../iso.ts'

/** FHIR R4 (4.0.1) in JSON. Elements are written by the mappings beside this file; absent ones are left out, never null. */
export interface FhirResource {
  readonly resourceType: string
  readonly id: string
  readonly meta: Meta
  readonly [element: string]: unknown
}

export interface Coding {
  readonly system?: string
  readonly code: string
  readonly display?: string
}

export interface Meta {
  readonly versionId: string
  readonly lastUpdated: string
  readonly profile?: readonly string[]
  readonly security?: readonly Coding[]
  readonly tag?: readonly Coding[]
}

export interface Reference {
  readonly reference?: string
  readonly display?: string
}

export interface MetaFacts {
  readonly versionId: string | number
  readonly updatedMs: number
  readonly profile?: string | undefined
  /** Not of a real patient: a demo or test device, or somebody who is not there. */
  readonly isTest: boolean
}

/** Label of the HL7 v3 ActReason vocabulary for data that is not of a patient. */
export const TEST_DATA: Coding = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'HTEST', display: 'test health data' }

export function metaOf({ versionId, updatedMs, profile, isTest }: MetaFacts): Meta {
  return {
    versionId: String(versionId),
    lastUpdated: iso(updatedMs),
    ...(profile === undefined ? {} : { profile: [profile] }),
    ...(isTest ? { security: [TEST_DATA], tag: [TEST_DATA] } : {}),
  }
}

/** Names of devices may hold `_`, ids of FHIR may not; ids may hold `.`, names may not. */
export function toFhirId(name: string): string {
  return name.replaceAll('_', '.')
}

export function fromFhirId(id: string): string {
  return id.replaceAll('.', '_')
}

/** What FHIR allows as an id; anything else names nothing. */
export function isFhirId(text: string): boolean {
  return /^[A-Za-z0-9.-]{1,64}$/.test(text)
}

export const isUuid = (text: string): boolean => /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(text)

/** A narrative in one sentence: what a reader without our mapping is shown. */
export function narrative(text: string): { status: 'generated'; div: string } {
  return { status: 'generated', div: `<div xmlns="http://www.w3.org/1999/xhtml">${escapeHtml(text)}</div>` }
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
