import type { AlinkDevice, DeviceState, PatientSummary } from '@vigil/contract'
import type { News2Sources, StayLimits } from '@vigil/contract/alarms'

/**
 * What the central station knows by heart: wards, beds, devices and open stays. Plain data, so that it can be cached on
 * disk; times are ms since the Unix epoch.
 */
export interface World {
  readonly wards: readonly WardFact[]
  readonly devices: readonly DeviceFact[]
  /** Open stays only. */
  readonly stays: readonly StayFact[]
  /** The newest decision about each hardware model; absent in a cache of an earlier version. */
  readonly firmware?: readonly FirmwareFact[]
}

export type Mode = 'real' | 'test' | 'demo'

export interface WardFact {
  readonly id: string
  readonly site: string
  readonly name: string
  readonly mode: Mode
  /** Least volume of its screens, percent; absent in a copy of an earlier version. */
  readonly soundFloor?: number
  /** In their fixed order. */
  readonly beds: readonly { readonly id: string; readonly label: string }[]
}

/** Which firmware the boards of a model should run, and who said so. */
export interface FirmwareFact {
  readonly hardware: string
  readonly version: number
  /** null: none any more. */
  readonly firmware: string | null
  readonly atMs: number
  readonly by: string
  readonly role: string
  readonly reason: string
}

export interface NoticeFact {
  readonly kind: string
  readonly firstAtMs: number
  readonly lastAtMs: number
  readonly count: number
  readonly detail: Record<string, unknown> | null
}

export interface DesiredFact {
  readonly version: number
  readonly set: Readonly<Record<string, unknown>>
  readonly atMs: number | null
  readonly by: string | null
}

export interface ReportedFact {
  readonly version: number
  readonly set: Readonly<Record<string, unknown>>
  readonly errors: Readonly<Record<string, string>>
  readonly atMs: number | null
}

export interface DeviceFact {
  readonly no: number
  readonly id: string
  readonly site: string
  readonly label: string
  readonly mode: Mode
  readonly note: string
  readonly createdAtMs: number
  /** What the registry says or the device said of itself; absent in a cache of an earlier version. */
  readonly changedAtMs?: number
  readonly retiredAtMs: number | null
  /** When the current secret was made, until when the one before is taken, and since when none is. */
  readonly secretAtMs: number
  readonly secretPreviousUntilMs: number | null
  readonly revokedAtMs: number | null
  readonly notices: readonly NoticeFact[]
  /** What it is called by Alibaba Cloud's protocol, if it speaks that; absent in a cache of an earlier version. */
  readonly alink?: AlinkDevice | undefined
  readonly desired: DesiredFact | null
  /** As last written to the database; what is heard since is in the live hub. */
  readonly birth: DeviceState | null
  readonly lastSeenMs: number | null
  readonly reported: ReportedFact | null
}

/** What people decided about the alarms of a stay, and what they observed by hand. */
export interface CareFact {
  readonly limits: StayLimits | null
  readonly typed: News2Sources['typed'] & { readonly dia?: NonNullable<News2Sources['typed']['sys']> }
}

export interface StayFact {
  readonly id: string
  readonly patient: PatientSummary
  readonly bedId: string | null
  readonly wardId: string | null
  readonly reason: string
  readonly admittedAtMs: number
  readonly version: number
  readonly care?: CareFact
  /** The open monitoring interval: whose values the device sends since when. */
  readonly link: { readonly intervalId: string; readonly deviceId: string; readonly fromMs: number } | null
}

export const emptyWorld: World = { wards: [], devices: [], stays: [] }
