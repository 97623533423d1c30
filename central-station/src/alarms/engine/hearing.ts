import type { Clock } from '@vigil/contract'
import type { BrokerLink } from '../../live/broker-link.ts'
import { FROZEN_MS } from '../duty/duty.ts'

/** Since when an engine hears the broker; looked at every second at least. */
export interface Hearing {
  /** `undefined` while it does not hear. */
  sinceMs(): number | undefined
  look(): void
}

/** `sinceMs`: what is known already. Who was frozen heard nothing meanwhile: the silence was its own, and hearing begins anew. */
export function watchHearing({ link, clock, sinceMs }: { link: BrokerLink; clock: Clock; sinceMs?: number | undefined }): Hearing {
  let since = link.connected() ? (sinceMs ?? clock.now()) : undefined
  let lookedMs = clock.monotonic()
  return {
    sinceMs: () => since,
    look() {
      const slept = clock.monotonic() - lookedMs > FROZEN_MS
      lookedMs = clock.monotonic()
      if (!link.connected()) since = undefined
      else if (slept) since = clock.now()
      else since ??= clock.now()
    },
  }
}
