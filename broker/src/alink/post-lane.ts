import type { PublishPacket } from 'aedes'
import { checkReceipt, type Clock, type DeviceAddress, normaliseRanges, type Range, topicOf } from '@vigil/contract'
import { AlinkCode, type AlinkRequest, type EventPost, eventReplyTopic, propertiesReplyTopic, type PropertyPost, readEventPost, readPropertyPost, replyText } from '@vigil/contract/alink/index'
import { digestOf, readJson } from '@vigil/program'
import { takeDue } from '../puback/again.ts'
import type { AlinkIdentity } from '../rights/rights.ts'
import type { AlinkMetrics } from './alink-metrics.ts'
import type { Post, Posts, Said, Taken } from './posts.ts'
import type { Voice } from '../voice.ts'

export interface Poster extends DeviceAddress {
  readonly alink: AlinkIdentity
}

export interface PostLane {
  /** A post of properties, or of the event of this identifier. `acknowledge`: when nothing of it can be lost any more. False: too much of this device waits. */
  post(poster: Poster, packet: PublishPacket, event: string | undefined, acknowledge: () => void): boolean
  receipt(device: string, payload: Buffer): void
  bridgeListens(): void
  /** Says again what is due. */
  sayDue(): void
}

/** What was measured longer ago fills the history; it does not pass for live. */
const LIVE_WITHIN_MS = 60_000

export function createPostLane({ posts, voice, metrics, clock, onMeasured }: { posts: Posts; voice: Voice; metrics: AlinkMetrics; clock: Clock; onMeasured: (poster: Poster) => void }): PostLane {
  const answerTo = (poster: Poster, event: string | undefined, { id, wantsReply }: AlinkRequest) => (code: AlinkCode, message?: string, data?: Readonly<Record<string, string>>) => {
    if (!wantsReply) return
    const [topic, method] = event === undefined ? [propertiesReplyTopic(poster.alink), 'thing.event.property.post'] : [eventReplyTopic(poster.alink, event), `thing.event.${event}.post`]
    voice.deliver(topic, replyText(id, code, method, { ...(message !== undefined && { message }), ...(data && { data }) }))
  }
  /** Hands what was read to the bridge, and answers when it is committed. */
  const store = (poster: Poster, read: PropertyPost | EventPost, post: Pick<Post, 'content' | 'comesAgain' | 'stored'>): Taken | 'empty' => {
    const said = saidOf(poster, read, clock.now())
    if (said.length === 0) return 'empty'
    // A post that tells its times is the same whenever it comes; one that tells only its id, as long as the board has no answer.
    const known = read.dated || read.id !== undefined ? post.content : undefined
    const taken = posts.take(poster.device, { ...post, said, uncovered: numbersIn(read), known })
    if (taken === 'new') for (const { topic, payload } of said) voice.publish(topic, payload.toString())
    return taken
  }

  return {
    post(poster, packet, event, acknowledge) {
      const text = packet.payload.toString()
      const read = event === undefined ? readPropertyPost(text, clock.now(), poster.alink.settings) : readEventPost(text, event, clock.now())
      const answer = answerTo(poster, event, read)
      const told = 'told' in read ? read.told : undefined
      if ('unknown' in read) metrics.unknownProperties(read.unknown)
      const done = (code: AlinkCode, message?: string) => {
        answer(code, message, told)
        acknowledge()
      }
      if (!read.ok) {
        metrics.post(read.reason)
        done(read.code, read.why)
        return true
      }
      const taken = store(poster, read, { content: digestOf(text), comesAgain: packet.dup, stored: () => done(AlinkCode.OK) })
      if (taken !== 'new') metrics.post(taken)
      if (taken === 'empty') done(AlinkCode.OK)
      if (taken === 'full') answer(AlinkCode.TOO_FAST, 'not stored: too much of this device waits already')
      if ('samples' in read && taken !== 'full') onMeasured(poster)
      return taken !== 'full'
    },
    receipt(device, payload) {
      // Almost every receipt is of a board of ours.
      if (!posts.waitsFor(device)) return
      const checked = checkReceipt(readJson(payload))
      if (!checked.ok) return
      const { e, upto, have = [] } = checked.value
      posts.cover(device, e, normaliseRanges([...(upto > 0 ? [[1, upto] as const] : []), ...have]))
    },
    bridgeListens() {
      for (const waiting of posts.entries()) waiting.dueAt = clock.monotonic()
    },
    sayDue() {
      for (const { said } of takeDue(posts.entries(), clock.monotonic())) for (const { againOn, payload } of said) voice.sayAgain(againOn, payload)
    },
  }
}

function saidOf(address: DeviceAddress, read: PropertyPost | EventPost, now: number): Said[] {
  if ('event' in read) {
    const topic = topicOf(address, 'event')
    return [{ topic, againOn: topic, payload: Buffer.from(JSON.stringify(read.event)) }]
  }
  const againOn = topicOf(address, 'backlog')
  const lanes = [
    [topicOf(address, 'tele'), read.samples.filter(({ t }) => t >= now - LIVE_WITHIN_MS)],
    [againOn, read.samples.filter(({ t }) => t < now - LIVE_WITHIN_MS)],
  ] as const
  return lanes.filter(([, samples]) => samples.length > 0).map(([topic, samples]) => ({ topic, againOn, payload: Buffer.from(JSON.stringify(samples)) }))
}

function numbersIn(read: PropertyPost | EventPost): Map<string, readonly Range[]> {
  const numbers = new Map<string, Range[]>()
  for (const { e, s } of 'event' in read ? [read.event] : read.samples) numbers.set(e, [...(numbers.get(e) ?? []), [s, s]])
  return new Map([...numbers].map(([e, ranges]) => [e, normaliseRanges(ranges)]))
}

