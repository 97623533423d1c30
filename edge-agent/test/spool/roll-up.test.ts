import { describe, expect, it } from 'vitest'
import { readTelemetryObject } from '@vigil/contract/messages/telemetry'
import { minuteRollUp } from '../../src/spool/roll-up.ts'
import type { SpoolRecord } from '../../src/spool/spool-store.ts'

const MINUTE = 1_772_362_800_000
const record = (seq: number, object: object, boot = 1): SpoolRecord => ({ seq, boot, kind: 'sample', body: JSON.stringify(object) })
const minute = (from: number, count: number, object: (i: number) => object, boot = 1): SpoolRecord[] => Array.from({ length: count }, (_, i) => record(from + i, object(i), boot))

describe('what stands for a minute that had to make room', () => {
  it('has the mean of each value, its ends, and the number of samples, dated by the last of them', () => {
    const rolled = minuteRollUp(minute(1, 60, (i) => ({ t: MINUTE + i * 1_000, m: { pr: 70 + (i % 3), spo2: 97 } })))
    expect(rolled?.of).toHaveLength(60)
    const body = JSON.parse(rolled?.standIn.body ?? '') as object
    expect(body).toEqual({ t: MINUTE + 59_000, m: { pr: 71, spo2: 97 }, over: { ms: 60_000, n: 60, lo: { pr: 70, spo2: 97 }, hi: { pr: 72, spo2: 97 } } })
    expect(readTelemetryObject({ e: 'a1', s: 1, ...body }).ok).toBe(true)
  })

  it('takes the oldest minute and leaves the next one whole', () => {
    const rolled = minuteRollUp(minute(1, 100, (i) => ({ t: MINUTE + 30_000 + i * 1_000, m: { pr: i } })))
    expect(rolled?.of.map(({ seq }) => seq)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1))
  })

  it('keeps what was questionable questionable, and a reason only for what was absent throughout', () => {
    const rolled = minuteRollUp(minute(1, 10, (i) => ({ t: MINUTE + i, m: i === 4 ? { pr: 80 } : {}, q: i === 4 ? { pr: 'motion' } : {}, x: i === 4 ? { spo2: 'off' } : { pr: 'off', spo2: 'off' } })))
    expect(JSON.parse(rolled?.standIn.body ?? '')).toMatchObject({ m: { pr: 80 }, q: { pr: 'motion' }, x: { spo2: 'off' } })
    expect(JSON.parse(rolled?.standIn.body ?? '')).not.toHaveProperty('x.pr')
  })

  it('never mixes the uptimes of two starts of the board, and stays with the start it is of', () => {
    const samples = [...minute(1, 8, (i) => ({ up: i * 1_000, m: { pr: 60 } }), 3), ...minute(9, 8, (i) => ({ up: i * 1_000, m: { pr: 90 } }), 4)]
    expect(minuteRollUp(samples)).toMatchObject({ standIn: { boot: 3, body: expect.stringContaining('{"up":7000,"m":{"pr":60}') }, of: { length: 8 } })
  })

  it('is nothing for a board that sends a few times a minute: its samples are no longer than a summary', () => {
    expect(minuteRollUp(minute(1, 9, (i) => ({ t: MINUTE + i * 20_000, m: { pr: 60 } })))).toBeUndefined()
    expect(minuteRollUp([])).toBeUndefined()
  })
})
