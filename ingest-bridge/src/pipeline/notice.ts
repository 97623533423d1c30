import type { DeviceAddress } from '@vigil/contract'

/** Facts about a device worth an operator's look; kept one row per device and kind, counted. */
export type NoticeKind = 'clock_suspect' | 'two_epochs' | 'rewind' | 'scattered_numbers'

export interface Notice {
  readonly address: DeviceAddress
  readonly kind: NoticeKind
  readonly detail: Readonly<Record<string, string | number>>
}
