import type { PublishPacket } from 'aedes'
import { checkHealthAnswer, type Clock, type HealthAnswer, healthAnswerTopic, healthTopic } from '@vigil/contract'
import { digestOf } from '@vigil/program'
import type { Registry } from 'prom-client'
import { type AckLine, createAckLine } from '../alink/ack-line.ts'
import type { Voice } from '../alink/post-lane.ts'
import type { BrokerLimits } from '../limits.ts'
import { acknowledge } from '../puback/acknowledge.ts'
import { type Due, dueNow, LOOK_EVERY_MS, takeDue } from '../puback/again.ts'
import { phoneOf, type Session, type Sessions } from '../session.ts'
import { createPhoneMetrics } from './phone-metrics.ts'
import { createPhoneRoom } from './phone-room.ts'

/** Stands between phones and the central station: a PUBACK means that the export is committed. */
export interface PhoneDoor {
  /** Bytes that a packet of a phone may have; who announces more is told why before it is cut. */
  mostBytes(session: Session, phone: string, announced: number): number
  /** An export, which goes no further than here. False: too much waits, and the phone is to be cut. */
  said(session: Session, phone: string, packet: PublishPacket): boolean
  /** The central station's answer. */
  answered(phone: string, payload: Buffer): void
  /** A central station listens from now on. */
  stationListens(): void
  stop(): void
}

export interface PhoneDoorOptions {
  readonly sessions: Sessions
  readonly voice: Pick<Voice, 'deliver'>
  readonly limits: BrokerLimits
  readonly metrics: Registry
  readonly clock: Clock
}

interface Waiting extends Due {
  readonly phone: string
  readonly payload: Buffer
  readonly acknowledged: (() => void)[]
}

const MiB = 1024 * 1024

/**
 * Exports wait here, bounded, until the central station has answered; they outlive the phone's connection, because iOS ends it when it likes.
 * One at a time goes out, so that the station's link never holds more than one, and those of one phone in their order: the later export wins.
 */
export function createPhoneDoor({ sessions, voice, limits, metrics: registry, clock }: PhoneDoorOptions): PhoneDoor {
  const room = createPhoneRoom(limits)
  const waiting = new Map<string, Waiting>()
  const lines = new WeakMap<Session, AckLine>()
  const metrics = createPhoneMetrics(registry, () => waiting.size, () => room.bytes)
  let offered: Waiting | undefined

  const offer = () => {
    const now = clock.monotonic()
    if (offered && offered.dueAt > now) return
    offered = firstOfEach(waiting.values()).find((entry) => takeDue([entry], now).length > 0)
    // Nobody there: it goes out as soon as somebody listens.
    if (offered && voice.deliver(healthTopic(offered.phone), offered.payload) === 0) offered = undefined
  }
  const stop = clock.every(LOOK_EVERY_MS, offer)

  const lineOf = (session: Session): AckLine => {
    const line = lines.get(session) ?? createAckLine((messageId) => acknowledge(session, messageId))
    lines.set(session, line)
    return line
  }
  const turnAway = (session: Session, phone: string, reason: 'packet_size' | 'phone_room', announced: number, answer: HealthAnswer): number => {
    voice.deliver(healthAnswerTopic(phone), JSON.stringify(answer))
    sessions.refuseInWords(session, reason, { announced, ...(answer.why !== undefined && { why: answer.why }) })
    return 0
  }
  const settle = (key: string, { phone, payload, acknowledged }: Waiting, outcome: HealthAnswer['outcome']) => {
    waiting.delete(key)
    room.give(payload.length)
    if (outcome !== 'ended') for (const acknowledge of acknowledged) acknowledge()
    else for (const session of [...sessions.signedIn()].filter((other) => phoneOf(other) === phone)) sessions.refuse(session, 'revoked')
  }

  return {
    mostBytes(session, phone, announced) {
      if (announced <= limits.packetBytes) return limits.packetBytes
      if (announced > limits.phonePacketBytes) {
        return turnAway(session, phone, 'packet_size', announced, { outcome: 'refused', code: 'BODY_TOO_LARGE', why: `The export is larger than ${limits.phonePacketBytes / MiB} MiB. Choose fewer metrics or a shorter period, or send it by the REST API automation, which may send 64 MiB.` })
      }
      if (room.hold(session, announced)) return limits.phonePacketBytes
      return turnAway(session, phone, 'phone_room', announced, { outcome: 'again', code: 'TOO_MANY_REQUESTS', why: 'Other phones are sending just now. Try again in a minute.' })
    },
    said(session, phone, packet) {
      room.letGo(session)
      const key = `${phone} ${digestOf(packet.payload)}`
      const same = waiting.get(key)
      if (!same && (countOf(phone, waiting.values()) >= limits.phoneExports || !room.take(packet.payload.length))) {
        metrics.export('full')
        return false
      }
      const entry = same ?? { phone, payload: Buffer.from(packet.payload), acknowledged: [], ...dueNow(clock.monotonic()) }
      waiting.set(key, entry)
      if (packet.qos === 1) entry.acknowledged.push(lineOf(session).wait(packet.messageId ?? 0))
      offer()
      return true
    },
    answered(phone, payload) {
      const checked = checkHealthAnswer(parsed(payload))
      if (!checked.ok) return metrics.export('unreadable')
      const { of = '', outcome } = checked.value
      const key = `${phone} ${of}`
      const entry = waiting.get(key)
      if (!entry) return
      metrics.export(outcome)
      if (outcome !== 'again') settle(key, entry, outcome)
      if (offered === entry) offered = undefined
      offer()
    },
    stationListens() {
      offered = undefined
      for (const entry of waiting.values()) entry.dueAt = clock.monotonic()
      offer()
    },
    stop,
  }
}

/** The oldest export of each phone. */
function firstOfEach(entries: Iterable<Waiting>): Waiting[] {
  const first = new Map<string, Waiting>()
  for (const entry of entries) if (!first.has(entry.phone)) first.set(entry.phone, entry)
  return [...first.values()]
}

function countOf(phone: string, entries: Iterable<Waiting>): number {
  return [...entries].filter((entry) => entry.phone === phone).length
}

function parsed(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString())
  } catch {
    return undefined
  }
}
