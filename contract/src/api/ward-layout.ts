import Type, { type Static } from 'typebox'
import { Mode, Name } from './schema.ts'

/** As the wall says it; of each label a ward has one bed in service. */
export const BedLabel = Type.String({ minLength: 1, maxLength: 20, pattern: '\\S', description: 'Label of a bed, as the wall shows it; once in a ward' })
const WardName = Type.String({ minLength: 1, maxLength: 100, pattern: '\\S', description: 'Name of a ward, as screens show it' })
const nameMadeOf = (what: string) => Type.Optional({ ...Name, description: `Made of ${what} when absent` })

export const NewBed = Type.Object({ id: nameMadeOf('ward and label'), label: BedLabel }, { additionalProperties: false, description: 'A bed at the end of its ward. One that was retired comes back, with its history, when its name is the same.' })
export type NewBed = Static<typeof NewBed>

export const NewWard = Type.Object(
  {
    id: nameMadeOf('the name'),
    name: WardName,
    site: Type.Optional(Name),
    mode: Type.Optional(Mode),
    beds: Type.Array(NewBed, { minItems: 1, maxItems: 200 }),
  },
  { additionalProperties: false, description: 'A ward and its beds, in fixed order' },
)
export type NewWard = Static<typeof NewWard>

export const WardChange = Type.Object(
  { name: Type.Optional(WardName), beds: Type.Optional(Type.Array(Name, { maxItems: 200, description: 'Every bed in service, in its new place' })) },
  { additionalProperties: false, minProperties: 1, description: 'Another name, or another order of the beds' },
)
export type WardChange = Static<typeof WardChange>

export const BedChange = Type.Object({ label: BedLabel }, { additionalProperties: false, description: 'Another label; the name in the API stays' })
export type BedChange = Static<typeof BedChange>

export const BedRetirement = Type.Object({ reason: Type.String({ minLength: 3, maxLength: 300 }) }, { additionalProperties: false, description: 'Takes a bed without a patient out of service; its history stays' })
export type BedRetirement = Static<typeof BedRetirement>
