import { randomInt } from 'node:crypto'
import type { PublishPacket } from 'aedes'
import type { Clock } from '@vigil/contract'
import { readAlinkTopic } from '@vigil/contract/alink/index'
import type { Registry } from 'prom-client'
import { hasSignedOff } from '../aedes/internals.ts'
import type { BrokerLimits } from '../limits.ts'
import { acknowledge } from '../puback/acknowledge.ts'
import { LOOK_EVERY_MS } from '../puback/again.ts'
import type { Identity } from '../rights/rights.ts'
import type { Session, Sessions } from '../session.ts'
import { type AckLine, createAckLine } from '../puback/ack-line.ts'
import { createAlinkMetrics } from './alink-metrics.ts'
import { createPostLane, type Poster } from './post-lane.ts'
import type { Voice } from '../voice.ts'
import { createPosts } from './posts.ts'
import { birthOf, goodbyeOf, type Presence } from './presence.ts'
import { createRequestLane } from './request-lane.ts'

/** Stands between devices that speak Alink and the house, which hears of them as of boards of its own. */
export interface AlinkAdapter {
  entered(session: Session): void
  /** What such a device says. False: more waits for it than may, and it is to be cut. */
  said(session: Session, packet: PublishPacket): boolean
  /** What one of our own programs says to a device, whoever it is. */
  heard(device: string, channel: string, payload: Buffer): void
  subscribed(session: Session): void
  bridgeListens(): void
  forget(device: string): void
  stop(): void
}

export interface AlinkAdapterOptions {
  readonly sessions: Sessions
  readonly voice: Voice
  readonly limits: BrokerLimits
  readonly metrics: Registry
  readonly clock: Clock
  /** Whether anybody is there who could store what is said. */
  readonly isHeard: () => boolean
}

export function createAlinkAdapter({ sessions, voice, limits, metrics: registry, clock, isHeard }: AlinkAdapterOptions): AlinkAdapter {
  const posts = createPosts(limits, () => clock.monotonic(), () => metrics.post('stored'))
  const metrics = createAlinkMetrics(registry, () => posts.size)
  const requests = createRequestLane({ voice, metrics, clock, firstId: randomInt(2 ** 31) })
  const lane = createPostLane({ posts, voice, metrics, clock, onMeasured: (poster) => requests.measured(poster) })
  const acks = new WeakMap<Session, AckLine>()
  const stop = clock.every(LOOK_EVERY_MS, () => isHeard() && lane.sayDue())

  const tell = ({ topic, payload }: Presence) => voice.publish(topic, payload, true)
  const acksOf = (session: Session): AckLine => {
    const known = acks.get(session) ?? createAckLine((messageId) => acknowledge(session, messageId))
    acks.set(session, known)
    return known
  }

  return {
    entered(session) {
      const poster = posterOf(session.signedIn?.identity)
      if (!poster) return
      session.onEnd.push(() => {
        // Another connection of it may be there by now.
        if (sessions.ofDevice(poster.device).length > 0) return
        requests.lost(poster)
        if (!session.refused && hasSignedOff(session.client)) tell(goodbyeOf(poster))
      })
      tell(birthOf(poster, requests.version(poster.device)))
    },
    said(session, packet) {
      const poster = posterOf(session.signedIn?.identity)
      const acknowledged = packet.qos === 1 ? acksOf(session).wait(packet.messageId ?? 0) : () => undefined
      // Acknowledged by us, in its turn: not before what it says is committed.
      packet.qos = 0
      const said = poster && readAlinkTopic(poster.alink, packet.topic)
      if (!said) metrics.ignored()
      else if (said.what === 'properties') return lane.post(poster, packet, undefined, acknowledged)
      else if (said.what === 'event') return lane.post(poster, packet, said.identifier, acknowledged)
      else requests.answer(poster, said, packet.payload as Buffer)
      acknowledged()
      return true
    },
    heard(device, channel, payload) {
      if (channel === 'receipt') return lane.receipt(device, payload)
      const poster = sessions.ofDevice(device).map(({ signedIn }) => posterOf(signedIn?.identity)).find((known) => known !== undefined)
      if (!poster) return
      if (channel === 'command') requests.command(poster, payload)
      if (channel === 'config/desired') requests.desired(poster, payload)
    },
    subscribed(session) {
      const poster = posterOf(session.signedIn?.identity)
      if (poster) requests.listens(poster)
    },
    bridgeListens: () => lane.bridgeListens(),
    forget(device) {
      posts.forget(device)
      requests.forget(device)
    },
    stop,
  }
}

function posterOf(identity: Identity | undefined): Poster | undefined {
  return identity?.role === 'device' && identity.alink ? { site: identity.site, device: identity.device, alink: identity.alink } : undefined
}
