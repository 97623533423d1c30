import { type BedTrend, type Clock, type SignalName, type SignalTrend, TREND_STEP_MS, type WardTrend } from '@vigil/contract'
import { isLimitKey, limitsInForce, type LimitSet } from '@vigil/contract/alarms'
import { limitsOf } from '../alarms/engine/watch-list.ts'
import type { Registry } from '../registry/registry.ts'
import type { StayFact, WardFact } from '../registry/world.ts'
import { type QuarterHour, trendSignals } from './quarter-hour.ts'

/** The last quarter of an hour of every bed of a ward, with the limits that hold, from memory alone. */
export function createWardTrend({ registry, quarter, clock }: { registry: Registry; quarter: QuarterHour; clock: Clock }): (ward: WardFact) => WardTrend {
  return (ward) => ({
    serverTimeMs: clock.now(),
    stepMs: TREND_STEP_MS,
    beds: ward.beds.flatMap(({ id }) => {
      const stay = registry.now().stayOfBed.get(id)
      const trend = stay && bedTrend(id, stay, quarter, clock.now())
      return trend ? [trend] : []
    }),
  })
}

function bedTrend(bedId: string, stay: StayFact, quarter: QuarterHour, nowMs: number): BedTrend | undefined {
  const { link } = stay
  if (!link) return undefined
  const limits = limitsInForce(limitsOf(stay), nowMs)
  const signals = Object.fromEntries(trendSignals.flatMap((signal): [string, SignalTrend][] => {
    const means = quarter.means(link.deviceId, signal, link.fromMs)
    return means.every((mean) => mean === null) ? [] : [[signal, { means, ...limitOf(limits, 'low', signal), ...limitOf(limits, 'high', signal) }]]
  }))
  return Object.keys(signals).length === 0 ? undefined : { bedId, stayId: stay.id, signals }
}

/** An alarm that is switched off has no limit here: a band would promise what nobody watches. */
function limitOf(limits: LimitSet, side: 'low' | 'high', signal: SignalName): Partial<SignalTrend> {
  const key = `${side}:${signal}`
  const limit = isLimitKey(key) ? limits[key] : undefined
  return limit ? { [side]: limit.value } : {}
}
