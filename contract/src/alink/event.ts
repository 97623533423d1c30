import { numberByTime } from '../numbered-by-time.ts'
import type { DeviceEvent } from '../messages/event.ts'
import { inOurWords } from './names.ts'
import { ALINK_EPOCH } from './post.ts'
import { timeOfValue } from './properties.ts'
import { AlinkCode, readRequest, type AlinkRequest, type Refused } from './request.ts'

export interface EventPost extends AlinkRequest {
  readonly ok: true
  readonly event: DeviceEvent & { readonly t: number }
  readonly dated: boolean
}

const PER_MS = 2 ** 31
const MOST_DATA = 32

/** Reads `thing/event/{identifier}/post`: `{"id":"2","params":{"value":{"ErrorCode":3},"time":1524448722000}}`. */
export function readEventPost(payload: string, identifier: string, receivedAt: number): EventPost | Refused {
  const request = readRequest(payload)
  if (!request.ok) return request
  const { value, time } = request.params
  const t = time === undefined ? receivedAt : timeOfValue(time)
  if (t === undefined) return { ...request, ok: false, code: AlinkCode.PARAMETERS, reason: 'time', why: 'its time cannot be read' }
  const data = dataOf(time === undefined && value === undefined ? request.params : value)
  const ev = inOurWords(identifier).slice(0, 32)
  return { ...request, event: { ...numberByTime(ALINK_EPOCH, PER_MS, t, { ...data, ev }), t, ev, ph: 'once', src: 'alink', data }, dated: time !== undefined }
}

/** What a device says of an event, as far as our events can hold it: numbers, truths and short texts. */
function dataOf(value: unknown): Record<string, string | number | boolean> {
  const said = typeof value === 'object' && value !== null ? Object.entries(value) : []
  const data: Record<string, string | number | boolean> = {}
  for (const [name, part] of said.slice(0, MOST_DATA)) {
    const key = name.slice(0, 32)
    if (typeof part === 'string') data[key] = part.replace(/\0/g, '').toWellFormed().slice(0, 200).toWellFormed()
    else if (typeof part === 'boolean' || Number.isFinite(part)) data[key] = part as boolean | number
  }
  return data
}
