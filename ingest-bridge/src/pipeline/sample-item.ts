import { coreSignals, judgeSample, packQuality, signalByName, type JudgedSample, type SignalName, type TelemetrySample } from '@vigil/contract'
import type { Dating, Lane } from './dating.ts'
import { type Origin, type SampleItem, SampleFlag } from './item.ts'

const core: ReadonlySet<string> = new Set(coreSignals)

/** A telemetry object as it will stand in the database: believable values, the rest kept raw beside them. */
export function toSampleItem(sample: TelemetrySample, from: Origin, lane: Lane, dating: Dating): SampleItem {
  const judged = judgeSample(sample)
  return {
    kind: 'sample',
    from,
    epoch: sample.e,
    seq: sample.s,
    t: dating.t,
    flags: (lane === 'backlog' ? SampleFlag.backlog : 0) | (dating.suspect ? SampleFlag.clockNotBelieved : 0) | (dating.byUptime ? SampleFlag.datedByUptime : 0) | (sample.over ? SampleFlag.summary : 0),
    values: judged.values,
    quality: packQuality(judged.quality),
    other: otherOf(sample, judged, dating),
  }
}

function otherOf(sample: TelemetrySample, judged: JudgedSample, dating: Dating): string | undefined {
  const uncolumned = withoutColumn(judged.values)
  const remarks = unmappedRemarks(sample)
  const { unmapped, implausible } = judged
  if (!uncolumned && !unmapped && !implausible && !remarks && !sample.over && dating.claimedT === undefined) return undefined
  return JSON.stringify({ m: uncolumned, unmapped, implausible, remarks, claimed_t: dating.claimedT, over: sample.over })
}

function withoutColumn(values: JudgedSample['values']): Partial<Record<SignalName, number>> | undefined {
  let rest: Partial<Record<SignalName, number>> | undefined
  for (const name in values) {
    if (!core.has(name)) (rest ??= {})[name as SignalName] = values[name as SignalName] as number
  }
  return rest
}

/** Remarks (`q`, `x`, `sq`) about names the catalogue does not know: kept as they came. */
function unmappedRemarks(sample: TelemetrySample): Record<string, Record<string, unknown>> | undefined {
  let remarks: Record<string, Record<string, unknown>> | undefined
  for (const part of ['q', 'x', 'sq'] as const) {
    const about = sample[part]
    for (const name in about) {
      if (!signalByName(name)) ((remarks ??= {})[part] ??= {})[name] = about[name]
    }
  }
  return remarks
}
