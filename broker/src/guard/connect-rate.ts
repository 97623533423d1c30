import type { Clock } from '@vigil/contract'
import type { BrokerLimits } from '../limits.ts'
import { createTokenBucket, type TokenBucket } from './token-bucket.ts'

/** Addresses remembered at most; a forgotten one starts with a full bucket. */
const REMEMBERED_ADDRESSES = 4_096

/** How fast one address may open connections. */
export function createConnectRate(clock: Clock, limits: Pick<BrokerLimits, 'connectsPerSecond' | 'connectsBurst'>): (address: string) => boolean {
  const buckets = new Map<string, TokenBucket>()
  const bucketOf = (address: string) => {
    const known = buckets.get(address)
    if (known) return known
    if (buckets.size >= REMEMBERED_ADDRESSES) {
      const [oldest] = buckets.keys()
      if (oldest !== undefined) buckets.delete(oldest)
    }
    const bucket = createTokenBucket({ perSecond: limits.connectsPerSecond, burst: limits.connectsBurst, clock })
    buckets.set(address, bucket)
    return bucket
  }
  return (address) => bucketOf(address).tryTake(1)
}
