import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Device, History, Ledger, Ward as WardFrame } from '@vigil/contract'
import { openRecordings, simulatePatient, type RecordingLibrary } from '@vigil/edge-agent'
import { systemClock } from '@vigil/program'
import type { Api } from '../support/api.ts'
import { until } from '@vigil/ops/testing'
import { startWard, type Ward } from '../support/ward.ts'

interface ToldBed {
  readonly device: string
  readonly startedAtMs: number
  readonly startOffsetS: number
  readonly recording: { readonly pulse: Parameters<RecordingLibrary['pulse']>[0] }
  readonly ratioOfRatios: number
}

describe('the demo ward', () => {
  let ward: Ward
  let api: Api
  let readyAt: number

  beforeAll(async () => {
    ward = await startWard({ VIGIL_DEMO_BEDS: '12' })
    readyAt = systemClock.monotonic()
    api = await ward.admin()
  })
  afterAll(() => ward?.end())

  const demo = async () => (await api.get<{ wards: WardFrame[] }>('/wards')).wards.find((w) => w.mode === 'demo')

  it('shows 12 beds live within 20 s, each labelled demo', async () => {
    const frame = await until('12 live beds', 20_000 - (systemClock.monotonic() - readyAt), async () => {
      const found = await demo()
      const live = found?.beds.filter((b) => b.device?.status === 'online' && b.freshness['temp'] === 'live')
      return live?.length === 12 ? found : undefined
    }, 250)
    for (const bed of frame.beds) expect([bed.device?.mode, bed.stay?.patient.mode]).toEqual(['demo', 'demo'])
  })

  it('has a pulse rate and a saturation in nearly every bed a little later', async () => {
    await until('pulse and saturation in 10 of 12 beds', 30_000, async () => {
      const found = await demo()
      const both = found?.beds.filter((b) => typeof b.latest['pr']?.v === 'number' && typeof b.latest['spo2']?.v === 'number')
      return (both?.length ?? 0) >= 10 ? true : undefined
    }, 500)
  })

  it('brings its last 24 hours through the backlog lane, with nothing missing', async () => {
    const device = (await demo())?.beds[0]?.device?.id as string
    const to = systemClock.now()
    const history = await until('a day of history', 120_000, async () => {
      const answer = await api.get<History>(`/devices/${device}/history?signals=pr&from=${to - 86_400_000}&to=${to}&points=1440`)
      const first = answer.series[0]?.points[0]?.[0] ?? to
      return to - first > 20 * 3_600_000 ? answer : undefined
    }, 1_000)
    expect(history.resolution).toBe('1m')
    expect(history.late).toBeGreaterThan(1_000)
    await until('nothing missing', 30_000, async () => {
      const { epochs } = await api.get<Ledger>(`/devices/${device}/ledger`)
      return epochs.every((e) => e.missing === 0 && e.duplicates === 0) ? true : undefined
    }, 500)
    await until('the fleet page to know that nothing waits on the board any more', 60_000, async () => {
      const { unsent = 0 } = await api.get<Device>(`/devices/${device}`)
      return unsent < 60 ? true : undefined
    }, 500)
  })

  it('measures the heart rates the recorded people had, by their own ECG', async () => {
    const { beds } = JSON.parse(readFileSync(join(ward.dir, 'demo', 'ward.json'), 'utf8')) as { beds: ToldBed[] }
    const recordings = openRecordings()
    const to = systemClock.now()
    const errors: number[] = []
    for (const { device, startedAtMs, startOffsetS, recording, ratioOfRatios } of beds) {
      const { truth } = simulatePatient({ pulse: recordings.pulse(recording.pulse), startOffsetS, ratioOfRatios, seed: 0 })
      const { series } = await api.get<History>(`/devices/${device}/history?signals=pr&from=${startedAtMs}&to=${to}`)
      for (const [t, pulse] of series[0]?.points ?? []) {
        // A pulse rate is the mean of the ten seconds before it.
        const reference = truth(((t as number) - startedAtMs) / 1_000 - 5).heartRate
        if (reference !== undefined) errors.push(Math.abs((pulse as number) - reference))
      }
    }
    expect(errors.length).toBeGreaterThan(100)
    expect(errors.filter((e) => e <= 5).length / errors.length).toBeGreaterThan(0.9)
  })

  it('tells in ward.json which recording feeds each bed', () => {
    const told = JSON.stringify(JSON.parse(readFileSync(join(ward.dir, 'demo', 'ward.json'), 'utf8')))
    for (const word of ['100001', 'mask-01', 'ratioOfRatios']) expect(told).toContain(word)
  })
})
