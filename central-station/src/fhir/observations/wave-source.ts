import type { WardScope, WaveChannel } from '@vigil/contract'
import { clip } from '../../history/spans.ts'
import type { FhirResource } from '../resources/resource.ts'
import { parseWaveId, WAVE_CATEGORY, type WaveFacts, waveChannelsOfFhir, waveCodings, waveId, waveObservationOf, wavesOf } from '../resources/wave-observation.ts'
import type { ObservationStore, OwnedSpan } from '../store/sample-source.ts'
import type { Candidate, ObservationSource } from './candidate.ts'
import type { ObservationFilter } from './filter.ts'

/** What a look at one span costs, in rows of another source: ten seconds of a waveform are as much to read as many samples. */
const SPAN_COST = 100

/** Channels a search asks for by a code of theirs. Without one it is about values: nobody gets megabytes they did not ask for. */
export function wantedChannels({ namesCodes, isWanted }: Pick<ObservationFilter, 'namesCodes' | 'isWanted'>): readonly WaveChannel[] {
  return namesCodes ? waveChannelsOfFhir.filter((channel) => isWanted({ codings: waveCodings(channel), category: WAVE_CATEGORY, componentCodings: [] })) : []
}

/** Stored waveforms of the devices while they watched somebody: ten seconds at most in each Observation. */
export function waveSource(store: ObservationStore, spans: readonly OwnedSpan[], channels: readonly WaveChannel[]): ObservationSource {
  return {
    rowsPerLook: spans.length * SPAN_COST,
    edge: (fromMs, toMs, descending) => store.waveEdge(clip(spans, fromMs, toMs), channels, descending),
    async within(fromMs, toMs) {
      const found: Candidate[] = []
      for (const span of spans) {
        if (span.fromMs >= toMs || span.toMs <= fromMs) continue
        for (const channel of channels) {
          // Cut by who was watched, never by what is asked: the same Observation is whole on every page.
          for (const frames of await store.waveBlocks({ ...span, fromMs, toMs }, channel)) {
            for (const wave of wavesOf({ deviceNo: span.deviceNo, deviceId: span.deviceId, channel }, frames, { fromMs: span.linkedFromMs, toMs: span.linkedToMs })) if (Math.round(wave.t) >= fromMs && Math.round(wave.t) < toMs) found.push(candidateOf(wave, span))
          }
        }
      }
      return found
    },
  }
}

/** One by its name; `undefined` when there is none, or the device watched somebody else then. */
export async function readWave(store: ObservationStore, id: string, wards: WardScope): Promise<FhirResource | undefined> {
  const name = parseWaveId(id)
  const found = name && (await store.ownerAt(name, wards))
  if (!name || !found) return undefined
  const about = { deviceNo: name.deviceNo, deviceId: found.deviceId, channel: name.channel }
  const blocks = await store.waveBlocks({ ...about, fromMs: name.atMs, toMs: name.atMs + 1 }, name.channel)
  const waves = blocks.flatMap((frames) => wavesOf(about, frames, { fromMs: found.owner.linkedFromMs, toMs: found.owner.linkedToMs }))
  const wave = waves.find((one) => waveId(one) === id)
  return wave && waveObservationOf(wave, found.owner)
}

function candidateOf(wave: WaveFacts, owner: OwnedSpan): Candidate {
  return {
    atMs: Math.round(wave.t),
    id: waveId(wave),
    key: `wave ${wave.channel}`,
    codings: waveCodings(wave.channel),
    componentCodings: [],
    category: WAVE_CATEGORY,
    updatedMs: Math.ceil(wave.t + (wave.samples.length - 1) * wave.stepMs),
    isQuestionable: false,
    build: () => waveObservationOf(wave, owner),
  }
}
