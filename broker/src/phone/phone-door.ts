import type { PublishPacket } from 'aedes'
import { checkHealthAnswer, type Clock, type HealthAnswer, healthAnswerTopic } from '@vigil/contract'
import { readJson } from '@vigil/program'
import type { Registry } from 'prom-client'
import { type AckLine, createAckLine } from '../puback/ack-line.ts'
import type { Voice } from '../voice.ts'
import type { BrokerLimits } from '../limits.ts'
import { acknowledge } from '../puback/acknowledge.ts'
import { LOOK_EVERY_MS } from '../puback/again.ts'
import { phoneOf, type Session, type Sessions } from '../session.ts'
import { createExportQueue } from './export-queue.ts'
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

const MiB = 1024 * 1024

/**
 * Exports wait here, bounded, until the central station has answered; they outlive the phone's connection, because iOS ends it when it likes.
 */
export function createPhoneDoor({ sessions, voice, limits, metrics: registry, clock }: PhoneDoorOptions): PhoneDoor {
  const room = createPhoneRoom(limits)
  const queue = createExportQueue({ limits, room, voice, clock })
  const lines = new WeakMap<Session, AckLine>()
  const metrics = createPhoneMetrics(registry, () => queue.size, () => room.bytes)
  const stop = clock.every(LOOK_EVERY_MS, () => queue.offer())

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
      const entry = queue.take(phone, packet.payload as Buffer)
      if (!entry) {
        metrics.export('full')
        return false
      }
      if (packet.qos === 1) entry.acknowledged.push(lineOf(session).wait(packet.messageId ?? 0))
      queue.offer()
      return true
    },
    answered(phone, payload) {
      const checked = checkHealthAnswer(readJson(payload))
      if (!checked.ok) return metrics.export('unreadable')
      const { of = '', outcome } = checked.value
      const entry = queue.answered(phone, of, outcome === 'again')
      if (!entry) return
      metrics.export(outcome)
      if (outcome === 'stored' || outcome === 'refused') for (const acknowledged of entry.acknowledged) acknowledged()
      if (outcome === 'ended') for (const session of [...sessions.signedIn()].filter((other) => phoneOf(other) === phone)) sessions.refuse(session, 'revoked')
      queue.offer()
    },
    stationListens() {
      queue.startOver()
      queue.offer()
    },
    stop,
  }
}
