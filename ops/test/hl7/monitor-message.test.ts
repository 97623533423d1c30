import { describe, expect, it } from 'vitest'
import { latin1Bytes, readMessage, readObservations } from '@vigil/contract/hl7/index'
import { vitalsOf } from '../../src/hl7/bedside-vitals.ts'
import { monitorMessage } from '../../src/hl7/monitor-message.ts'

const context = { offsetMinutes: 0, givenFirst: false, receivedMs: 0 }
const atMs = Date.UTC(2026, 10, 28, 12)

describe('a simulated monitor', () => {
  it.each(Array.from({ length: 20 }, (_, i) => i + 1))('of bed %i says what it shows, in a message that can be read without a warning', (bed) => {
    const vitals = vitalsOf(bed, atMs)
    const reading = readMessage(latin1Bytes(monitorMessage({ bed, controlId: 'C1', atMs, vitals, wave: true })))
    if (!reading.ok) return expect.unreachable(reading.why)
    const [result] = readObservations(reading.message, context)
    const said = Object.fromEntries((result?.observations ?? []).map(({ signal, value, timeMs, warnings }) => [signal.name, [value, timeMs, warnings.length]]))
    expect(said).toMatchObject({ hr: [vitals.hr, atMs, 0], pr: [vitals.pr, atMs, 0], spo2: [vitals.spo2, atMs, 0], rr: [vitals.rr, atMs, 0], temp: [Number(vitals.temp.toFixed(1)), atMs, 0] })
    expect(result?.refused).toEqual([])
    expect(result?.waveforms).toMatchObject([{ rateHz: 60, samples: { length: 60 } }])
  })

  it('inflates its cuff every five minutes', () => {
    const cuffs = Array.from({ length: 600 }, (_, s) => vitalsOf(3, atMs + s * 1_000).sys).filter((sys) => sys !== undefined)
    expect(cuffs).toHaveLength(2)
  })
})
