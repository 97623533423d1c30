import type { Clock } from '@vigil/contract'
import type { AddressGuard } from './address-guard.ts'
import { post, signed } from './http-post.ts'
import type { Channel } from './outbound.ts'
import type { Seal } from '@vigil/program'

/** HTTP POST of JSON, signed, with the event and the number of the delivery in headers: sent twice, it has the same `id`. */
export function webhookChannel({ guard, seal, clock }: { guard: AddressGuard; seal: Seal; clock: Clock }): Channel {
  return {
    async send({ settings, secret }, { body, event, key }) {
      const signature = secret ? signed(body, seal.open(secret), clock.now()) : {}
      return post({ url: String(settings['url']), body, guard, headers: { 'content-type': 'application/json', 'user-agent': 'Vigil', 'x-vigil-event': event, 'x-vigil-delivery': key, ...signature } })
    },
  }
}
