import { AppError } from '@vigil/contract'
import { iso } from '../../iso.ts'
import { type FhirResource, metaOf } from '../resources/resource.ts'

export interface SubscriptionFacts {
  readonly id: string
  readonly criteria: string
  readonly reason: string
  readonly endpoint: string
  /** `''`: the call alone says that there is something new. */
  readonly payload: string
  readonly version: number
  readonly changedMs: number
  readonly lookedUntilMs: number
  readonly isOn: boolean
  /** Why it is off, or what became of the last try. */
  readonly error: string | null
  readonly isFailing: boolean
}

export interface AskedSubscription {
  readonly criteria: string
  readonly reason: string
  readonly endpoint: string
  readonly payload: string
  /** Sent along with each call; kept sealed, told to nobody. */
  readonly headers: readonly (readonly [name: string, value: string])[]
}

export const SIGNING_KEY = 'urn:vigil:extension:signing-key'

/** `error` while its endpoint does not answer, `off` once that was so for too long (R4 Subscription.status). */
export function subscriptionOf(facts: SubscriptionFacts, signingKey?: string): FhirResource {
  const { id, criteria, reason, endpoint, payload, version, changedMs, isOn, isFailing, error } = facts
  return {
    resourceType: 'Subscription',
    id,
    meta: metaOf({ versionId: version, updatedMs: changedMs, isTest: false }),
    ...(signingKey === undefined ? {} : { extension: [{ url: SIGNING_KEY, valueString: signingKey }] }),
    status: isOn ? (isFailing ? 'error' : 'active') : 'off',
    reason,
    criteria,
    ...(error === null ? {} : { error }),
    channel: { type: 'rest-hook', endpoint, ...(payload === '' ? {} : { payload }) },
  }
}

interface PostedSubscription {
  readonly resourceType?: unknown
  readonly criteria?: unknown
  readonly reason?: unknown
  readonly end?: unknown
  readonly channel?: { readonly type?: unknown; readonly endpoint?: unknown; readonly payload?: unknown; readonly header?: unknown }
}

const PAYLOADS: ReadonlySet<unknown> = new Set([undefined, 'application/fhir+json', 'application/json'])
const MOST_HEADERS = 20
/** What our own side of the call decides. */
const OWN_HEADERS = /^(host|content-.*|transfer-encoding|connection|x-vigil-.*|user-agent)$/i

/** Reads what a client posts. @throws AppError INVALID_REQUEST */
export function readSubscription(body: unknown): AskedSubscription {
  const { resourceType, criteria, reason, end, channel = {} } = (typeof body === 'object' && body !== null ? body : {}) as PostedSubscription
  if (resourceType !== 'Subscription') throw invalid('The body is no Subscription.')
  if (typeof criteria !== 'string' || !/^[A-Z][A-Za-z]+(\?|$)/.test(criteria) || criteria.length > 1_000) throw invalid('criteria must be a search such as Observation?patient=1&code=8867-4.')
  if (end !== undefined) throw invalid('end is not offered; delete the Subscription when it is not wanted any more.')
  return { criteria, reason: typeof reason === 'string' ? reason.slice(0, 500) : '', ...readChannel(channel) }
}

function readChannel(channel: NonNullable<PostedSubscription['channel']>): Pick<AskedSubscription, 'endpoint' | 'payload' | 'headers'> {
  if (channel.type !== 'rest-hook') throw invalid('Only channels of type rest-hook are offered.')
  const endpoint = typeof channel.endpoint === 'string' ? URL.parse(channel.endpoint) : null
  if (!endpoint || !/^https?:$/.test(endpoint.protocol) || endpoint.username !== '') throw invalid('channel.endpoint must be an http or https address without a password in it; put that into channel.header.')
  if (!PAYLOADS.has(channel.payload)) throw invalid('channel.payload must be application/fhir+json, or absent.')
  return { endpoint: endpoint.href, payload: channel.payload === undefined ? '' : 'application/fhir+json', headers: readHeaders(channel.header) }
}

function readHeaders(header: unknown): [string, string][] {
  const lines: readonly unknown[] = Array.isArray(header) ? header : header === undefined ? [] : [header]
  if (lines.length > MOST_HEADERS) throw invalid(`channel.header may have ${MOST_HEADERS} lines.`)
  return lines.map((line): [string, string] => {
    const [, name = '', value = ''] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}):[ \t]*([\x20-\x7e]{0,2000})$/.exec(String(line)) ?? []
    if (name === '' || OWN_HEADERS.test(name)) throw invalid('A line of channel.header is written "Authorization: Bearer …"; headers of the body and of the connection cannot be set.')
    return [name, value]
  })
}

function invalid(why: string): AppError {
  return new AppError('INVALID_REQUEST', why)
}

/** What is sent of one match: the resource to its own address below the endpoint (R4 rest-hook), or an empty call. */
export function notificationOf(resource: FhirResource | undefined, facts: Pick<SubscriptionFacts, 'lookedUntilMs'>): { readonly key: string; readonly subject: string; readonly body: string } {
  if (!resource) return { key: `until/${iso(facts.lookedUntilMs)}`, subject: '', body: '' }
  const name = `${resource.resourceType}/${resource.id}`
  return { key: `${name}/${resource.meta.versionId}`, subject: name, body: JSON.stringify(resource) }
}
