import type { Clock } from '@vigil/contract'
import type { AddressGuard } from '../../outbound/address-guard.ts'
import { post, signed } from '../../outbound/http-post.ts'
import type { Channel } from '../../outbound/outbound.ts'
import type { Seal } from '@vigil/program'

/** A call per match: PUT of the resource to its own address below the endpoint, or an empty POST (R4 Subscription, rest-hook). Signed. */
export function restHookChannel({ guard, seal, clock }: { guard: AddressGuard; seal: Seal; clock: Clock }): Channel {
  return {
    async send({ settings, secret }, { body, subject, key }) {
      const { key: signingKey, headers } = JSON.parse(seal.open(secret ?? Buffer.alloc(0))) as { key: string; headers: [string, string][] }
      const endpoint = String(settings['url'])
      const own = { 'user-agent': 'Vigil', 'x-vigil-delivery': key, ...signed(body, signingKey, clock.now()) }
      if (subject === '') return post({ url: endpoint, body, guard, headers: { ...Object.fromEntries(headers), ...own } })
      const at = new URL(endpoint)
      at.pathname = `${at.pathname.replace(/\/$/, '')}/${subject}`
      return post({ url: at.href, method: 'PUT', body, guard, headers: { ...Object.fromEntries(headers), ...own, 'content-type': 'application/fhir+json; charset=utf-8' } })
    },
  }
}
