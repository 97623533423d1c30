import Type, { type Static } from 'typebox'
import { IsoTime, nullable } from './schema.ts'

const Code = Type.String({ minLength: 1, maxLength: 100, description: 'OBX-3.1' })
const System = Type.String({ maxLength: 60, description: 'OBX-3.3' })

/** A code of a source that no nomenclature here knows: its values are kept, and shown as unmapped. */
export const UnknownCode = Type.Object({
  code: Code,
  system: System,
  name: Type.String({ description: 'OBX-3.2' }),
  unit: Type.String({ description: 'OBX-6 of the newest' }),
  count: Type.Integer({ description: 'Rows of it among the newest messages that are kept' }),
  lastAt: IsoTime,
  sample: nullable(Type.Number({ description: 'Newest value' })),
})
export type UnknownCode = Static<typeof UnknownCode>

/** What somebody said such a code means. */
export const MappedCode = Type.Object({
  code: Code,
  system: System,
  signal: Type.String(),
  unit: Type.String(),
  madeBy: Type.String(),
  since: IsoTime,
  recovered: Type.Integer({ description: 'Values that had come before, read again from the messages that were kept' }),
  rereading: Type.Boolean(),
})
export type MappedCode = Static<typeof MappedCode>

export const Hl7Codes = Type.Object({ unknown: Type.Array(UnknownCode), mapped: Type.Array(MappedCode) })
export type Hl7Codes = Static<typeof Hl7Codes>

export const CodeMapping = Type.Object(
  {
    code: Code,
    system: System,
    signal: nullable(Type.String({ maxLength: 32, description: 'Short name of the catalogue; null ends the mapping' })),
    unit: Type.Optional(Type.String({ maxLength: 40, description: 'Unit of its values, whatever OBX-6 says; left out where OBX-6 tells it' })),
  },
  { additionalProperties: false, description: 'What a code of this source means, in force within a quarter of a minute' },
)
export type CodeMapping = Static<typeof CodeMapping>
