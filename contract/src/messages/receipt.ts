import Type, { type Static } from 'typebox'
import { checker } from '../check.ts'
import { Epoch, RangeSchema, Sequence } from './parts.ts'

/** Everything up to `upto`, and each range in `have`, is committed in PostgreSQL. `rewind` asks for that number onwards again. */
export const Receipt = Type.Object(
  {
    e: Epoch,
    upto: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
    have: Type.Optional(Type.Array(RangeSchema, { maxItems: 256 })),
    rewind: Type.Optional(Sequence),
  },
  { additionalProperties: false, description: 'Proof of commitment' },
)
export type Receipt = Static<typeof Receipt>
export const checkReceipt = checker(Receipt)
