import type { Identity } from '../rights/rights.ts'

export interface SignedIn {
  readonly identity: Identity
  /** What the device's secret hashed to; the session ends when the registry no longer accepts it. */
  readonly mac?: string
  /** The sealed secret a device that speaks Alink signed with; the same holds for it. */
  readonly sealed?: string
}
