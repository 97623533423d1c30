import fc from 'fast-check'
import { expect, it } from 'vitest'
import { checker, readTelemetryObject, TelemetrySample } from '@vigil/contract'

const bySchema = checker(TelemetrySample)
const number = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(Number.NaN, Infinity, 1e308, 0.5, -0, Number.MAX_SAFE_INTEGER + 2, 8_640_000_000_000_001))
const anything = fc.oneof(number, fc.string(), fc.constant(null), fc.boolean(), fc.array(number, { maxLength: 2 }), fc.dictionary(fc.string(), number, { maxKeys: 2 }))
const mostly = (good: fc.Arbitrary<unknown>) => fc.oneof({ weight: 9, arbitrary: good }, { weight: 1, arbitrary: anything })
const name = fc.oneof({ weight: 5, arbitrary: fc.constantFrom('hr', 'pr', 'spo2', 'temp', 'rr', 'etco2') }, { weight: 1, arbitrary: fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'toString', 'newly_made', '9pr')) })
const sample = fc.record(
  {
    e: mostly(fc.stringMatching(/^[A-Za-z0-9_-]{1,34}$/)),
    s: mostly(fc.integer({ min: -1, max: Number.MAX_SAFE_INTEGER })),
    t: mostly(fc.integer({ min: -8_640_000_000_000_001, max: 8_640_000_000_000_001 })),
    m: mostly(fc.array(fc.tuple(name, mostly(fc.double({ noNaN: true, noDefaultInfinity: true }))), { maxLength: 6 }).map((entries) => Object.fromEntries(entries))),
    more: fc.dictionary(fc.constantFrom('q', 'x', 'sq', 'up', 'over', 'n', '__proto__'), anything, { maxKeys: 1 }),
  },
  { requiredKeys: ['more'] },
).map(({ more, ...rest }) => ({ ...rest, ...more }))

it('a sample is let in and turned away as its schema says, with its reason, whether it is seen at a glance or not', () => {
  let [letIn, turnedAway] = [0, 0]
  fc.assert(
    fc.property(sample, (value) => {
      const [read, checked] = [readTelemetryObject(value), bySchema(value)]
      const isDated = 't' in value || 'up' in value
      expect(read.ok).toBe(checked.ok && isDated)
      if (read.ok) expect(read.object).toBe(value)
      else if (!checked.ok) expect(read.reason).toBe(checked.reason)
      if (read.ok) letIn++
      else turnedAway++
    }),
    { numRuns: 1_000 },
  )
  expect(Math.min(letIn, turnedAway)).toBeGreaterThan(30)
})
