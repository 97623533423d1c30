import Type, { type Static } from 'typebox'
import { IsoTime, Name } from './schema.ts'

/** Charsets a source may mean when it names none (labels of the Encoding standard). */
export const sourceCharsets = ['windows-1252', 'windows-1250', 'windows-1251', 'iso-8859-2', 'iso-8859-5', 'iso-8859-9', 'utf-8', 'gb18030', 'shift_jis', 'euc-kr', 'big5', 'koi8-r'] as const
export const ackModes = ['auto', 'original', 'enhanced', 'none'] as const

/** A monitor or gateway that sends HL7 v2, and how it is read and answered. */
export const Hl7Source = Type.Object({
  deviceId: Name,
  name: Type.String({ description: 'MSH-3 as it sends it' }),
  ack: Type.Enum([...ackModes]),
  offsetMinutes: Type.Integer({ description: 'Zone of stamps that name none, minutes east of Greenwich' }),
  givenFirst: Type.Boolean({ description: 'It sends given^family in PID-5' }),
  charset: Type.String(),
  firstAt: IsoTime,
  lastAt: IsoTime,
  messages: Type.Integer({ description: 'Kept as they came' }),
  withFindings: Type.Integer({ description: 'Of these, with rows that gave no value or a warning' }),
})
export type Hl7Source = Static<typeof Hl7Source>

export const Hl7SourceList = Type.Object({ sources: Type.Array(Hl7Source) })
export type Hl7SourceList = Static<typeof Hl7SourceList>

export const Hl7SourceChange = Type.Object(
  {
    ack: Type.Optional(Type.Enum([...ackModes])),
    offsetMinutes: Type.Optional(Type.Integer({ minimum: -900, maximum: 900 })),
    givenFirst: Type.Optional(Type.Boolean()),
    charset: Type.Optional(Type.Enum([...sourceCharsets])),
  },
  { additionalProperties: false, minProperties: 1, description: 'How a source is read and answered; in force within ten seconds' },
)
export type Hl7SourceChange = Static<typeof Hl7SourceChange>
