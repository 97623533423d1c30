import type { Clock } from '@vigil/contract'
import type { AlinkAdapter } from '../alink/alink-adapter.ts'
import { createDoor, type DoorOptions } from '../aedes/door.ts'
import { createPublishRule } from '../aedes/publish.ts'
import type { PhoneDoor } from '../phone/phone-door.ts'
import type { BrokerMetrics } from '../broker-metrics.ts'
import type { BrokerLimits } from '../limits.ts'
import type { House } from '../protocol/house.ts'
import type { CommittedAcks } from '../puback/committed-acks.ts'
import type { Refusals } from '../refusals.ts'
import { mayReceive, maySubscribe } from '../rights/rights.ts'
import { factsOf, type Sessions } from '../session.ts'
import { createAwayRoom, type WardAwayRoom } from './away-room.ts'
import { createPacketRules } from './packet-rules.ts'

export interface WardHouseOptions extends Omit<DoorOptions, 'services'> {
  readonly sessions: Sessions
  readonly limits: BrokerLimits
  readonly refusals: Refusals
  readonly clock: Clock
  readonly metrics: BrokerMetrics
  readonly acks: CommittedAcks
  readonly alink: AlinkAdapter
  readonly phones: PhoneDoor
}

export interface WardHouse extends House {
  readonly room: WardAwayRoom
}

/**
 * The central station and its alarm engine hear everything, and gather it for screens anyhow; with the 30 ms of those this stays below the 50 from
 * the board to the screen. The bridge waits for nothing: a board waits for its receipt.
 */
const GATHER_FOR_SCREENS_MS = 8

/** The rules of a ward: devices and our own programs, each with its rights; QoS 1 at most; bounds on everything. */
export function createWardHouse(options: WardHouseOptions): WardHouse {
  const { limits, refusals, metrics, acks, alink, phones, clock } = options
  const door = createDoor({ ...options, services: new Set(Object.keys(options.signIn.services)) })
  const forDevice = { window: limits.unackedPerDevice, queue: 0, bytes: limits.queuedBytesPerDevice, gatherMs: 0 }
  const forBridge = { window: limits.unackedPerService, queue: 0, bytes: limits.queuedBytesPerService, gatherMs: 0 }
  const forCentral = { ...forBridge, gatherMs: GATHER_FOR_SCREENS_MS }

  return {
    ...door,
    authorizePublish: createPublishRule(options),
    mostBytes(session, announced) {
      const identity = session.signedIn?.identity
      if (identity?.role === 'phone') return phones.mostBytes(session, identity.phone, announced)
      return identity ? limits.packetBytes : limits.packetBytesBeforeSignIn
    },
    problemOf: createPacketRules(limits, clock),
    // A nurse is to see that a board was away, however short.
    saysWillAtTakeover: true,
    mostQos: 1,
    maySubscribe(session, filter, subscriptions) {
      const identity = session.signedIn?.identity
      if (identity && subscriptions < limits.subscriptions && maySubscribe(identity, filter)) return true
      refusals.note('subscribe_right', { ...factsOf(session), filter })
      return false
    },
    mayReceive(session, topic) {
      // Whoever is away gets only what the room keeps, which is asked anew when it comes back.
      if (!session) return true
      const identity = session.signedIn?.identity
      if (!identity || !mayReceive(identity, topic)) return false
      metrics.delivered(identity.role)
      return true
    },
    entered: (session) => alink.entered(session),
    subscribed(session) {
      alink.subscribed(session)
      if (session.signedIn?.identity.role === 'central') phones.stationListens()
      if (session.signedIn?.identity.role !== 'bridge') return
      acks.bridgeListens()
      alink.bridgeListens()
    },
    bounds({ signedIn }) {
      const role = signedIn?.identity.role
      return role === 'central' ? forCentral : role === 'bridge' ? forBridge : forDevice
    },
    room: createAwayRoom({ limits, refusals, clock }),
  }
}
