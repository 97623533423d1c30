import { encodeWaveFrame, storedWaveChannels, WAVE_BLOCK_MS, WAVE_GAP, type WaveChannel } from '@vigil/contract'
import { beforeAll, describe, expect, it } from 'vitest'
import { rows } from '../support/postgres.ts'
import { validate } from './validators.ts'
import { fhir, type Json, nextOf, resourcesOf, START_MS, ward } from './ward.ts'

const HZ = 25
const at = (s: number) => new Date(START_MS + s * 1_000).toISOString()

interface Sampled extends Json {
  readonly effectivePeriod: { readonly start: string; readonly end: string }
  readonly valueSampledData: { readonly origin: { readonly value: number; readonly code: string }; readonly period: number; readonly factor: number; readonly dimensions: number; readonly data: string }
}

/** As the bridge stores them: frames of a second, by the ten seconds in which they begin. */
async function store(channel: WaveChannel, seconds: readonly number[], scaleAt: (s: number) => number): Promise<void> {
  for (const [blockMs, held] of Map.groupBy(seconds, (s) => Math.floor((START_MS + s * 1_000) / WAVE_BLOCK_MS) * WAVE_BLOCK_MS)) {
    const frames = held.map((s) => encodeWaveFrame({ seq: s, t0Us: (START_MS + s * 1_000) * 1_000, hz: HZ, scale: scaleAt(s), offset: 3, samples: Int16Array.from({ length: HZ }, (_, i) => (s === 2 && i === 4 ? WAVE_GAP : s * 100 + i)) }))
    await rows(ward.station.databaseUrl, `insert into waveform select no, $1, to_timestamp($2::float8 / 1000), $3, $4 from device where id = 'board_1'`, [storedWaveChannels.indexOf(channel), blockMs, held.map((s) => (START_MS + s * 1_000) * 1_000), Buffer.concat(frames)])
  }
}

const get = async (query: string) => (await fhir(ward, `/Observation?patient=${ward.ada.patient.id}&${query}`)).body
const waves = async (query: string) => resourcesOf(await get(query)) as Sampled[]

describe('waveforms, on request', () => {
  beforeAll(async () => {
    await rows(ward.station.databaseUrl, `select ensure_waveform_partition($1)`, [at(0).slice(0, 10)])
    // Second 5 never came; from second 25 on the board scales otherwise.
    await store('paw', Array.from({ length: 40 }, (_, s) => s).filter((s) => s !== 5), (s) => (s < 25 ? 0.5 : 0.25))
    await store('pleth_ir', [0, 1, 2], () => 1)
  })

  it('come as SampledData, ten seconds at most in each, with what is missing as E', async () => {
    const found = await waves('code=151792&_sort=date&_count=100')
    expect(found.map(({ effectivePeriod }) => effectivePeriod)).toEqual([[0, 10], [10, 20], [20, 25], [25, 30], [30, 40]].map(([from, to]) => ({ start: at(from as number), end: at((to as number) - 0.04) })))
    const [first, , , scaled] = found as [Sampled, Sampled, Sampled, Sampled]
    expect(first.valueSampledData).toMatchObject({ origin: { value: 3, code: 'cm[H2O]' }, period: 40, factor: 0.5, dimensions: 1 })
    const data = first.valueSampledData.data.split(' ')
    expect([data.length, data[0], data[54], data[55]]).toEqual([250, '0', 'E', '205'])
    expect(data.slice(125, 150)).toEqual(Array.from({ length: 25 }, () => 'E'))
    expect(data[150]).toBe('600')
    expect(scaled.valueSampledData).toMatchObject({ factor: 0.25, origin: { value: 3 } })
  })

  it('are found by ISO/IEEE 11073 code, by channel and by date, and are in no answer that did not ask for them', async () => {
    expect(await waves('code=urn:vigil:waveform|pleth_ir')).toHaveLength(1)
    expect(await waves('code=urn:iso:std:iso:11073:10101|150452')).toHaveLength(1)
    expect(await waves('code=urn:vigil:waveform|co2')).toEqual([])
    expect((await waves(`code=151792&date=ge${at(3)}&date=lt${at(20)}&_sort=date`)).map(({ effectivePeriod }) => effectivePeriod.start)).toEqual([at(10)])
    expect((await waves('code=151792&category=vital-signs'))).toEqual([])
    const all = [...(await waves('_count=1000')), ...(await waves(`date=le${at(40)}&_count=1000`)), ...(await waves('category=procedure&_count=1000'))]
    expect(all.filter((one) => 'valueSampledData' in one)).toEqual([])
  })

  it.each(['date', '-date'])('page by page in either direction without loss (%s)', async (sort) => {
    const ids: string[] = []
    let page: string | undefined = `/Observation?patient=${ward.ada.patient.id}&code=151792&_sort=${sort}&_count=2`
    for (let n = 0; page !== undefined && n < 50; n++) {
      const { body } = await fhir(ward, page)
      ids.push(...resourcesOf(body).map(({ id }) => id))
      page = nextOf(body)
    }
    const whole = (await waves(`code=151792&_sort=${sort}&_count=100`)).map(({ id }) => id)
    expect(ids).toEqual(whole)
    expect(new Set(ids).size).toBe(5)
  })

  it('are the same when read by id, whatever part of them was asked for, and two validators find nothing wrong', async () => {
    const found = [...(await waves('code=151792,150452&_count=100')), ...(await waves(`code=151792&date=ge${at(9)}&date=le${at(10)}`))]
    expect(found).toHaveLength(7)
    for (const one of found) {
      expect((await fhir(ward, `/Observation/${one.id}`)).body).toEqual(one)
      expect({ one, wrong: validate(one) }).toEqual({ one, wrong: [] })
    }
    expect((await fhir(ward, '/Observation/w.1.zzz.2')).status).toBe(404)
  })
})
