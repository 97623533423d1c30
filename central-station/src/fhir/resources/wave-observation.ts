import { type WaveChannel, type WaveFrame, waveUnits } from '@vigil/contract'
import { iso } from '../../iso.ts'
import { runsOf } from '../../waves/wave-runs.ts'
import { category, quantity } from './observation.ts'
import { type Coding, type FhirResource, metaOf, toFhirId } from './resource.ts'
import type { SampleOwner } from './observation.ts'
import { MDC, VIGIL_WAVE } from './systems.ts'

/** Samples of one channel without a break in their scale: what becomes one Observation. */
export interface WaveFacts {
  readonly deviceNo: number
  readonly deviceId: string
  readonly channel: WaveChannel
  /** Time of the first sample, ms since the Unix epoch, with fractions. */
  readonly t: number
  readonly stepMs: number
  /** Physical value = scale × sample + offset. */
  readonly scale: number
  readonly offset: number
  /** As the device sent them; NaN for one that could not be had, or that never came. */
  readonly samples: readonly number[]
}

/** ISO/IEEE 11073-10101 where it has the channel; ours beside it, by which each channel can be asked for. */
const CODINGS: Readonly<Record<WaveChannel, readonly Coding[]>> = {
  pleth_ir: [{ system: MDC, code: '150452', display: 'MDC_PULS_OXIM_PLETH' }, { system: VIGIL_WAVE, code: 'pleth_ir', display: 'Plethysmogram, infrared' }],
  pleth_red: [{ system: MDC, code: '150452', display: 'MDC_PULS_OXIM_PLETH' }, { system: VIGIL_WAVE, code: 'pleth_red', display: 'Plethysmogram, red' }],
  paw: [{ system: MDC, code: '151792', display: 'MDC_PRESS_AWAY' }, { system: VIGIL_WAVE, code: 'paw', display: 'Airway pressure' }],
  co2: [{ system: VIGIL_WAVE, code: 'co2', display: 'Capnogram' }],
}
export const waveChannelsOfFhir = Object.keys(CODINGS) as WaveChannel[]
export const WAVE_CATEGORY = 'procedure'

export function waveCodings(channel: WaveChannel): readonly Coding[] {
  return CODINGS[channel]
}

/** Names device, channel and first sample, which no later frame changes. */
export function waveId({ deviceNo, channel, t }: Pick<WaveFacts, 'deviceNo' | 'channel' | 't'>): string {
  return ['w', deviceNo, Math.round(t).toString(36), waveChannelsOfFhir.indexOf(channel)].join('.')
}

export interface WaveName {
  readonly deviceNo: number
  readonly atMs: number
  readonly channel: WaveChannel
}

/** The inverse; `undefined` for an id of something else. */
export function parseWaveId(id: string): WaveName | undefined {
  const match = /^w\.(\d{1,9})\.([0-9a-z]{1,9})\.(\d)$/.exec(id)
  const channel = match && waveChannelsOfFhir[Number(match[3])]
  return match && channel ? { deviceNo: Number(match[1]), atMs: Number.parseInt(match[2] as string, 36), channel } : undefined
}

const JOINS_WITHIN_STEPS = 0.5

/**
 * The frames of one stored block inside `[fromMs, toMs)`: joined where one goes on where the last ended, and across missing samples that fit the grid, which are told as such.
 * Another rate, scale or grid begins anew.
 */
export function wavesOf(about: Pick<WaveFacts, 'deviceNo' | 'deviceId' | 'channel'>, frames: readonly WaveFrame[], { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }): WaveFacts[] {
  const alike = Map.groupBy(frames, ({ hz, scale, offset }) => `${hz} ${scale} ${offset}`)
  return [...alike.values()].flatMap((group) => {
    const [{ scale, offset }] = group as [WaveFrame]
    const raw = runsOf(about.deviceId, group.map((frame) => ({ ...frame, scale: 1, offset: 0 })), fromMs, toMs)
    const joined: { t: number; stepMs: number; samples: number[] }[] = []
    for (const { t, stepMs, values } of raw) {
      const last = joined.at(-1)
      const missing = last ? (t - last.t) / stepMs - last.samples.length : Number.NaN
      if (last && missing >= 0 && Math.abs(missing - Math.round(missing)) < JOINS_WITHIN_STEPS / 5) last.samples.push(...Array.from({ length: Math.round(missing) }, () => Number.NaN), ...values)
      else joined.push({ t, stepMs, samples: [...values] })
    }
    return joined.map((run): WaveFacts => ({ ...about, scale, offset, ...run }))
  }).sort((a, b) => a.t - b.t)
}

/** Single precision knows seven figures. */
const tidy = (value: number): number => Number(value.toPrecision(7))

/** As SampledData (FHIR R4 §2.24.0.10): value = factor × number + origin, `E` where no valid sample is there. */
export function waveObservationOf(wave: WaveFacts, owner: SampleOwner): FhirResource {
  const { t, stepMs, scale, offset, samples, channel, deviceId } = wave
  const endMs = t + (samples.length - 1) * stepMs
  const unit = waveUnits[channel]
  return {
    resourceType: 'Observation',
    id: waveId(wave),
    meta: metaOf({ versionId: `${owner.intervalId.slice(0, 8)}.${samples.length}`, updatedMs: Math.ceil(endMs), isTest: owner.isTest }),
    status: 'final',
    category: category(WAVE_CATEGORY),
    code: { coding: waveCodings(channel), text: waveCodings(channel).at(-1)?.display },
    subject: { reference: `Patient/${owner.patientId}` },
    encounter: { reference: `Encounter/${owner.stayId}` },
    effectivePeriod: { start: iso(Math.round(t)), end: iso(Math.round(endMs)) },
    valueSampledData: { origin: quantity(tidy(offset), unit), period: tidy(stepMs), factor: tidy(scale), dimensions: 1, data: samples.map((sample) => (Number.isNaN(sample) ? 'E' : String(sample))).join(' ') },
    device: { reference: `Device/${toFhirId(deviceId)}` },
  }
}
