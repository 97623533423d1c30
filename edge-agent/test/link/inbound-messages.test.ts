import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkAlarmConfirmation } from '@vigil/contract/messages/alarm'
import { checkCommand } from '@vigil/contract/messages/command'
import { checkDesiredConfig } from '@vigil/contract/messages/config'
import { checkReceipt } from '@vigil/contract/messages/receipt'
import { checkTimeBeacon } from '@vigil/contract/messages/time'
import { readAlarmConfirmation, readCommand, readDesiredConfig, readReceipt, readTimeBeacon } from '../../src/link/inbound-messages.ts'

const ID = '0190f5e4-7c31-7abc-8def-0123456789ab'
const good = {
  receipt: { e: '7f3a91c2', upto: 812, have: [[900, 910]], rewind: 640 },
  beacon: { t: 1_772_362_800_250 },
  desired: { version: 43, set: { interval_ms: 1_000 } },
  confirmation: { t: 1_772_362_800_250, for: 15_000, armed: 2, a: [{ c: 'low:spo2', p: 'high', st: 'active', since: 1_772_362_790_000 }] },
  command: { id: ID, do: 'measure_now', args: {}, exp: 1_772_362_860_000 },
}
const pairs = [
  ['receipts', good.receipt, checkReceipt, readReceipt],
  ['time beacons', good.beacon, checkTimeBeacon, readTimeBeacon],
  ['configurations', good.desired, checkDesiredConfig, readDesiredConfig],
  ['confirmations', good.confirmation, checkAlarmConfirmation, readAlarmConfirmation],
  ['commands', good.command, checkCommand, readCommand],
] as const

const odd = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom<unknown>(0, -1, 0.5, 1, 2 ** 53, -(2 ** 53), 9e15, 'a'.repeat(33), '', ID, ID.toUpperCase(), [[1, 2, 3]], [[0, 1]], [[1, 2]], [], {}, { Big: 1 }, { ['x'.repeat(65)]: 1 }, null),
)

describe.each(pairs)('a board without a schema compiler reads %s', (_, message, check, read) => {
  it('that are well formed', () => expect(read(message)).toEqual({ ok: true, value: message }))

  it('exactly as the contract does, whatever is wrong with them', () => {
    const changed = fc.tuple(fc.constantFrom(...Object.keys(message), 'extra'), odd, fc.boolean()).map(([name, value, drop]): unknown => {
      const { [name as keyof typeof message]: _left, ...rest } = message as Record<string, unknown>
      return drop ? rest : { ...message, [name]: value }
    })
    fc.assert(
      fc.property(fc.oneof(changed, fc.jsonValue()), (value) => {
        expect(read(value).ok).toBe(check(value).ok)
      }),
      { numRuns: 1_500, seed: 7 },
    )
  })

  it('or says in a sentence what is wrong', () => expect(read({})).toMatchObject({ ok: false, reason: expect.stringMatching(/^\/\w+ must/) as string }))
})
