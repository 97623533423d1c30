import type { News2Now } from '@vigil/contract'
import { category, dataAbsentReason, quantity } from './observation.ts'
import { type Coding, type FhirResource, metaOf } from './resource.ts'
import { SNOMED, VIGIL_NEWS2_PART } from './systems.ts'

/** The score as it is now: one Observation per open stay, whose time moves on with the clock. */
export const news2Codings: readonly Coding[] = [{ system: SNOMED, code: '1104051000000101', display: 'Royal College of Physicians NEWS2 (National Early Warning Score 2) total score' }]

export interface News2Facts {
  readonly stayId: string
  readonly patientId: string
  readonly isTest: boolean
  readonly score: News2Now
}

export function news2Id(stayId: string): string {
  return `news2.${stayId}`
}

export function parseNews2Id(id: string): string | undefined {
  return /^news2\.([0-9a-f-]{36})$/.exec(id)?.[1]
}

/** With inputs missing the total is the least it can be, and the status says that it is not whole. */
export function news2ObservationOf({ stayId, patientId, isTest, score }: News2Facts): FhirResource {
  const atMs = Date.parse(score.at)
  return {
    resourceType: 'Observation',
    id: news2Id(stayId),
    meta: metaOf({ versionId: atMs, updatedMs: atMs, isTest }),
    status: score.complete ? 'final' : 'preliminary',
    category: category('survey'),
    code: { coding: news2Codings, text: 'NEWS2' },
    subject: { reference: `Patient/${patientId}` },
    encounter: { reference: `Encounter/${stayId}` },
    effectiveDateTime: score.at,
    issued: score.at,
    ...saidOf(score),
    ...(score.complete ? {} : { note: [{ text: `A lower bound: not known are ${score.missing.join(', ')}` }] }),
    method: { text: `SpO2 scale ${score.scale}` },
    ...(score.known === 0 ? {} : { component: Object.entries(score.parts).map(([part, points]) => ({ code: { coding: [{ system: VIGIL_NEWS2_PART, code: part }], text: part }, valueQuantity: quantity(points, '{score}', 'score') })) }),
  }
}

/** With nothing known at all, 0 would read as well. */
function saidOf({ known, score, complete, risk }: News2Now): object {
  if (known === 0) return { dataAbsentReason: dataAbsentReason(undefined) }
  return { valueQuantity: quantity(score, '{score}', 'score'), interpretation: [{ text: `${complete ? '' : 'At least '}${risk} clinical risk` }] }
}
