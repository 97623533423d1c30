import type { Clock } from '@vigil/contract'
import type { BrokerLimits } from '../limits.ts'
import type { AwayRoom, ClientSession } from '../protocol/client-session.ts'
import type { Flight } from '../protocol/flight.ts'
import type { Refusals } from '../refusals.ts'
import { isKeptForAway, mayReceive, topicParts } from '../rights/rights.ts'

export interface WardAwayRoom extends AwayRoom {
  /** Bytes kept for all devices. */
  bytes(): number
}

type RoomLimits = Pick<BrokerLimits, 'awayMessages' | 'awayBytes' | 'awayForMs' | 'awayBytesInAll'>

/** What waits for a device that is away: commands and configuration, nothing else, bounded in number, bytes and age. */
export function createAwayRoom({ limits, refusals, clock }: { limits: RoomLimits; refusals: Refusals; clock: Clock }): WardAwayRoom {
  let bytesInAll = 0

  const drop = (session: ClientSession, flight: Flight, reason: 'away_queue' | 'away_size' | 'away_age') => {
    refusals.note(reason, { device: session.id, topic: flight.message?.topic })
    session.letGo(flight)
  }

  return {
    bytes: () => bytesInAll,
    admit(session, message) {
      const { topic, bytes } = message
      if (topicParts(topic)?.device !== session.id || !isKeptForAway(topic)) return false
      if (bytes > limits.awayBytes || bytesInAll + bytes > limits.awayBytesInAll) {
        refusals.note('away_size', { device: session.id, topic })
        return false
      }
      const kept = session.keptFlights()
      const oldestGoes = (reason: 'away_queue' | 'away_size' | 'away_age') => {
        const oldest = kept.shift()
        if (oldest) drop(session, oldest, reason)
      }
      while (kept[0] && clock.monotonic() - kept[0].at > limits.awayForMs) oldestGoes('away_age')
      while (kept.length >= limits.awayMessages) oldestGoes('away_queue')
      while (kept.length > 0 && bytesOf(kept) + bytes > limits.awayBytes) oldestGoes('away_size')
      bytesInAll += bytes
      return true
    },
    returned(session, { signedIn }) {
      for (const flight of session.keptFlights()) {
        if (clock.monotonic() - flight.at > limits.awayForMs) drop(session, flight, 'away_age')
        // It may have moved to another site since.
        else if (!signedIn || !mayReceive(signedIn.identity, flight.message?.topic ?? '')) session.letGo(flight)
      }
    },
    release(message) {
      bytesInAll -= message.bytes
    },
  }
}

function bytesOf(flights: readonly Flight[]): number {
  return flights.reduce((sum, { message }) => sum + (message?.bytes ?? 0), 0)
}
