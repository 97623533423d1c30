import type { SourcePatient } from './observation.ts'
import type { Segment } from './message.ts'

/** Kinds of identifier in the order they are believed (table 0203): record number, internal, visit. */
const PREFERRED = ['MR', 'PI', 'VN'] as const

export const noPatient: SourcePatient = { identifier: undefined, family: '', given: '', location: [] }

/**
 * Whom a source says it watches.
 * @param givenFirst some monitors send given^family
 */
export function readPatient(pid: Segment | undefined, pv1: Segment | undefined, givenFirst = false): SourcePatient {
  const [first, second] = [pid?.text(5, 1) ?? '', pid?.text(5, 2) ?? '']
  return {
    identifier: pid && preferredIdentifier(pid),
    family: givenFirst ? second : first,
    given: givenFirst ? first : second,
    location: pv1 ? locationOf(pv1) : [],
  }
}

function preferredIdentifier(pid: Segment): string | undefined {
  const kinds = pid.texts(3, 5)
  const all = pid.texts(3).map((id, i) => ({ id: id.trim(), kind: kinds[i]?.trim() }))
  const filled = all.filter(({ id }) => id !== '')
  const best = PREFERRED.map((kind) => filled.find((each) => each.kind === kind)).find((each) => each !== undefined)
  return (best ?? filled[0])?.id
}

/** Components of PV1-3; a monitor that packs ward and bed as subcomponents of one gives those. */
function locationOf(pv1: Segment): readonly string[] {
  return pv1.parts(3).map((part) => part.trim()).filter((part) => part !== '')
}
