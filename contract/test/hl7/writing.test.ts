import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { signals } from '../../src/catalogue.ts'
import { latin1Bytes, type Message, readAlertStatus, readMessage, readObservations, readSourceAlarms, writeAlarm, type AlarmOut, writeObservations } from '../../src/hl7/index.ts'
import { codeFor } from '../../src/hl7/write-observations.ts'

const AT = Date.parse('2026-03-01T12:00:00.250Z')
const identity = { application: 'VIGIL', facility: 'MAIN', receivingApplication: 'EHR', receivingFacility: 'HOSPITAL' }
const context = { offsetMinutes: 0, givenFirst: false, receivedMs: 0 }
const patient = { identifier: 'MRN^1|&', family: 'O\'Brien & Söhne', given: 'Zoë|^~\\', location: ['icu', '', 'bed 1'] }

function read(text: string): Message {
  const reading = readMessage(new TextEncoder().encode(text))
  if (!reading.ok) throw new RangeError(reading.why)
  return reading.message
}

describe('observations we send', () => {
  const coded = signals.filter((signal) => codeFor(signal) !== undefined)

  it('say every vital sign by a code that means it', () => {
    for (const name of ['hr', 'pr', 'spo2', 'rr', 'temp', 'sys', 'dia', 'map', 'etco2', 'paw', 'peep', 'pip'] as const) expect(coded.map((signal) => signal.name)).toContain(name)
  })

  it('are read back as the same values, signals, times and patient', () => {
    const some = fc.uniqueArray(fc.constantFrom(...coded), { minLength: 1, maxLength: 12 })
    fc.assert(
      fc.property(some, fc.double({ min: 0, max: 1, noNaN: true }), (chosen, share) => {
        const values = chosen.map((signal, i) => ({ signal, value: Math.round((signal.plausible[0] + share * (signal.plausible[1] - signal.plausible[0])) * 100) / 100, timeMs: AT - i * 1_000 }))
        const [result] = readObservations(read(writeObservations({ ...identity, controlId: 'V1', atMs: AT, processing: 'P', patient, device: 'board-1', values })), context)
        expect(result?.patient).toEqual({ ...patient, location: ['icu', 'bed 1'] })
        expect(result?.observations.map(({ signal, value, timeMs, equipment, warnings }) => ({ signal: signal.name, value, timeMs, equipment, warnings }))).toEqual(
          values.map(({ signal, value, timeMs }) => ({ signal: signal.name, value, timeMs, equipment: 'board-1', warnings: [] })),
        )
      }),
      { seed: 7, numRuns: 100 },
    )
  })

  it('carry the tree of the device, its EUI-64 and its waveforms', () => {
    const values = coded.filter(({ name }) => name === 'spo2').map((signal) => ({ signal, value: 97, timeMs: AT, place: '1.1.1.7' }))
    const pleth = { code: ['150452', 'MDC_PULS_OXIM_PLETH'], place: '1.1.2.1', rateHz: 60, timeMs: AT, samples: [0, -12, 2_000] } as const
    const message = read(writeObservations({ ...identity, applicationId: '0200000000000001', controlId: 'V1', atMs: AT, processing: 'P', patient, assigner: ['WARD', 'PI'], device: 'BED1', equipment: '0200000000000001', values, waveforms: [pleth] }))
    expect(message.segments.filter(({ name }) => name === 'OBX').map((row) => row.text(4))).toEqual(['1.0.0.0', '1.1.1.7', '1.1.2.1', '1.1.2.1.1'])
    expect([4, 5].map((component) => message.segments.find(({ name }) => name === 'PID')?.text(3, component))).toEqual(['WARD', 'PI'])
    expect(message.header.components(3)).toEqual(['VIGIL', '0200000000000001', 'EUI-64'])
    const [result] = readObservations(message, context)
    expect(result?.observations).toMatchObject([{ value: 97, equipment: '0200000000000001' }])
    expect(result?.waveforms).toMatchObject([{ rateHz: 60, samples: [0, -12, 2_000], timeMs: AT }])
  })
})

describe('alarms we send', () => {
  const spo2 = signals.find(({ name }) => name === 'spo2')
  const alarm: AlarmOut = {
    ...identity, controlId: 'V2', atMs: AT, processing: 'P', patient, device: 'board-1', alarmId: '0190-alarm', condition: 'low:spo2', text: 'SpO2 84 %, below 90',
    phase: 'start', state: 'active', acknowledged: false, priority: 'high', type: 'physiological', signal: spo2, value: 84,
  }

  it('keep their id from the first message to the last', () => {
    const ids = [alarm, { ...alarm, controlId: 'V3', phase: 'update' as const, acknowledged: true }, { ...alarm, controlId: 'V4', phase: 'end' as const, state: 'inactive' as const }].map((step) => readSourceAlarms(read(writeAlarm(step)), context)[0])
    expect(ids.map((one) => one?.id)).toEqual([['0190-alarm', 'VIGIL'], ['0190-alarm', 'VIGIL'], ['0190-alarm', 'VIGIL']])
    expect(ids.map((one) => [one?.phase, one?.state, one?.inactivation])).toEqual([['start', 'active', ['enabled']], ['update', 'active', ['alert-acknowledged']], ['end', 'inactive', ['enabled']]])
  })

  it('say what is the matter, how urgent and how much', () => {
    expect(readSourceAlarms(read(writeAlarm(alarm)), context)[0]).toMatchObject({ event: '196674', text: 'SpO2 84 %, below 90', priority: 'high', type: 'physiological', source: '150456', value: 84, timeMs: AT })
    const technical = readSourceAlarms(read(writeAlarm({ ...alarm, condition: 'device_lost', text: 'Device lost', priority: 'medium', type: 'technical', signal: undefined, value: undefined })), context)[0]
    expect(technical).toMatchObject({ event: '196748', priority: 'medium', type: 'technical', source: 'board-1' })
  })

  it('say that none are to be expected while monitoring is paused, as an advisory that is no alarm', () => {
    const pause: AlarmOut = { ...alarm, condition: 'monitoring_paused', text: 'Monitoring paused: bath', paused: true, priority: 'none', type: 'advisory', signal: undefined, value: undefined }
    const over = { ...pause, controlId: 'V3', phase: 'end' as const, state: 'inactive' as const, paused: false }
    expect(writeAlarm(pause)).toMatch(/\|PN~SA\|/)
    expect([pause, over].map((step) => readSourceAlarms(read(writeAlarm(step)), context)[0])).toMatchObject([{ id: ['0190-alarm', 'VIGIL'], inactivation: ['alarm-paused'], phase: 'start' }, { id: ['0190-alarm', 'VIGIL'], inactivation: ['enabled'], phase: 'end' }])
  })
})

describe('what a receiver says of an alarm we sent', () => {
  const said = (prt: string, more = '') => readAlertStatus(read(`MSH|^~\\&|AM|H|VIGIL|MAIN|20260301120001+0000||ORA^R41^ORA_R41|R1|P|2.6\rMSA|AA|V2\r${more}PRT|${prt}\r`))

  it.each([
    ['1|Delivered|AAP^Alert Acknowledging Provider^HL70912', 'delivered'],
    ['1|Received by gateway', 'received'],
    ['1|UC|Read^Read by user', 'read'],
    ['1|Accepted', 'accepted'],
    ['1|REJECTED', 'rejected'],
    ['1|Undeliverable', 'undeliverable'],
  ])('%s is %s', (prt, status) => {
    expect(said(prt, 'OBR|1||V3^VIGIL|196616^MDC_EVT_ALARM^MDC|||||||||||||||||||||||||^0190-alarm&VIGIL\r')).toEqual({ controlId: 'V2', alarmId: '0190-alarm', status })
  })

  it('is nothing where it names no status, and other messages are none', () => {
    expect(said('1|UC')).toBeUndefined()
    const other = readMessage(latin1Bytes('MSH|^~\\&|A|B|C|D|||ACK|1|P|2.6\rMSA|AA|V2\r'))
    expect(other.ok && readAlertStatus(other.message)).toBeUndefined()
  })
})
