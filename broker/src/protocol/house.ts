import type { AedesOptions } from 'aedes'
import type { RefusalReason } from '../refusals.ts'
import type { Session } from '../session.ts'
import type { AwayRoom } from './client-session.ts'
import type { PacketIn, Qos } from './packets.ts'

/** Bounds on what goes out to one client. */
export interface DeliveryBounds {
  /** Messages without their acknowledgement. */
  readonly window: number
  /** Messages that wait behind them. */
  readonly queue: number
  /** Bytes it has not read. */
  readonly bytes: number
  /** Milliseconds a message may wait for others to go out with it; 0 for none. */
  readonly gatherMs: number
}

/** What this house adds to the protocol: who may come in, say and hear what, and how much. The protocol itself knows nothing of it. */
export interface House extends Pick<Required<AedesOptions>, 'preConnect' | 'authenticate'> {
  /** Asked before a message is acknowledged and passed on; may answer later, and may take the QoS away from it. Without an answer the message goes no further: the house has it. */
  readonly authorizePublish: NonNullable<AedesOptions['authorizePublish']>
  /** Largest packet at this moment, when one of so many bytes is announced. */
  mostBytes(session: Session, announced: number): number
  /** What is wrong, for this house, with a packet that is well-formed. It may change the packet. */
  problemOf(session: Session, packet: PacketIn): RefusalReason | undefined
  /** Whether the will is published of a client that takes its own kept session over: it is not gone, but its old connection is. */
  readonly saysWillAtTakeover: boolean
  /** The greatest QoS it delivers at. */
  readonly mostQos: Qos
  maySubscribe(session: Session, filter: string, subscriptions: number): boolean
  /** `undefined`: a client that is away. */
  mayReceive(session: Session | undefined, topic: string): boolean
  /** Told when a session begins, before anything the client says is heard. */
  entered(session: Session): void
  /** Told after a client has subscribed. */
  subscribed(session: Session): void
  bounds(session: Session): DeliveryBounds
  readonly room: AwayRoom
}
