const KiB = 1024
const MiB = 1024 * KiB

/**
 * Every bound of the broker. Whatever meets one is refused, counted under its reason and logged; nothing grows without end.
 * Why each figure is what it is stands beside it; broker/README.md lists the counters.
 */
export interface BrokerLimits {
  /** Largest packet before sign-in: a CONNECT with a will of ours is under 1 KiB; without a bound eight sockets cost 400 MB. */
  readonly packetBytesBeforeSignIn: number
  /** Largest packet after sign-in: the largest message of the protocol is 64 KiB. */
  readonly packetBytes: number
  /** Largest packet of a phone: an export of some days. Whoever sends months at once has the HTTP door, which takes 64 MiB and never holds them whole. Below what one of our programs may leave unread. */
  readonly phonePacketBytes: number
  /** Bytes of exports under way and waiting, of all phones together: what costs memory is bounded once, not per phone. */
  readonly phoneBytesInAll: number
  /** Exports of one phone that wait for their commit: an app has a few automations. */
  readonly phoneExports: number
  /** Largest message kept as retained: a birth message with all its command forms fits in a quarter. */
  readonly retainedBytes: number
  /** Topic levels: the deepest topic of the protocol has six. */
  readonly topicLevels: number
  /** Topic length in bytes: two names of 64, the root and the longest channel stay below. */
  readonly topicBytes: number
  /** A connection that has not sent CONNECT by then is closed; a board on a bad radio link needs one or two seconds. */
  readonly connectTimeoutMs: number
  /** Connections from one address that have not signed in; beyond it the oldest goes, so that an attacker never locks others out. */
  readonly unsignedPerAddress: number
  /** The same over all addresses. */
  readonly unsignedInAll: number
  /** New connections a second and in one burst from one address: a ward behind one gateway comes back at once after a power cut. */
  readonly connectsPerSecond: number
  readonly connectsBurst: number
  /** Open connections in all: about 11 KB each while idle. */
  readonly connections: number
  /** Longest keepalive, seconds; 0 (never) is refused, because a dead board would look alive for ever. */
  readonly keepaliveSeconds: number
  /** The same for devices that speak Alink: their platform allows twenty minutes, and their firmware is as it is. */
  readonly alinkKeepaliveSeconds: number
  /** Sessions of one device beside its own: foreign tools, a technician's laptop. Of a phone: its automations have client ids of their own. */
  readonly secondarySessions: number
  /** Messages sent to a device and not acknowledged: a healthy device acknowledges in milliseconds. */
  readonly unackedPerDevice: number
  /** The same for our own programs; must stay below the 65,535 packet identifiers there are. */
  readonly unackedPerService: number
  /** Bytes waiting for one device to read them. A reader that is slower is cut and comes back; nobody waits for it. */
  readonly queuedBytesPerDevice: number
  /** The same for our own programs, which take everything every device says when a backlog comes in. */
  readonly queuedBytesPerService: number
  /** Filters in one SUBSCRIBE, and subscriptions of one client. */
  readonly subscriptions: number
  /** Messages a second from one device, and in one burst; what is faster is answered later. */
  readonly messagesPerSecond: number
  readonly messagesBurst: number
  /** Bytes a second from one device, and in one burst: one full backlog window at once. */
  readonly bytesPerSecond: number
  readonly bytesBurst: number
  /** Messages, and bytes, of one device that wait for their turn; a device that goes on nevertheless is cut. */
  readonly heldMessages: number
  readonly heldBytes: number
  /** Packets other than PUBLISH a second from one device, and in one burst. */
  readonly controlPerSecond: number
  readonly controlBurst: number
  /** Messages of one device whose PUBACK waits for the receipt; twice the 500 objects a device may have on the way. */
  readonly unreceiptedMessages: number
  /** Bytes of them, kept to be said again: sixteen of the largest messages. */
  readonly unreceiptedBytes: number
  /** Messages, bytes and age kept for a device that is away: commands and configuration, nothing else. */
  readonly awayMessages: number
  readonly awayBytes: number
  readonly awayForMs: number
  /** Bytes kept for all devices that are away together. */
  readonly awayBytesInAll: number
  /** Failed sign-ins of one id from one address that cost nothing yet; then each doubles the wait, up to the longest. */
  readonly freeFailures: number
  readonly lockoutFirstMs: number
  readonly lockoutLongestMs: number
  /** How many id and address pairs, and how many unknown ids, are remembered at most. */
  readonly rememberedFailures: number
}

export const defaultLimits: BrokerLimits = {
  packetBytesBeforeSignIn: 16 * KiB,
  packetBytes: 256 * KiB,
  phonePacketBytes: 8 * MiB,
  phoneBytesInAll: 32 * MiB,
  phoneExports: 32,
  retainedBytes: 32 * KiB,
  topicLevels: 8,
  topicBytes: 200,
  connectTimeoutMs: 5_000,
  unsignedPerAddress: 1_000,
  unsignedInAll: 4_000,
  connectsPerSecond: 200,
  connectsBurst: 2_000,
  connections: 20_000,
  keepaliveSeconds: 120,
  alinkKeepaliveSeconds: 1_200,
  secondarySessions: 4,
  unackedPerDevice: 256,
  unackedPerService: 32_768,
  queuedBytesPerDevice: 2 * MiB,
  queuedBytesPerService: 16 * MiB,
  subscriptions: 50,
  messagesPerSecond: 500,
  messagesBurst: 1_000,
  bytesPerSecond: 1 * MiB,
  bytesBurst: 4 * MiB,
  heldMessages: 1_000,
  heldBytes: 2 * MiB,
  controlPerSecond: 100,
  controlBurst: 1_000,
  unreceiptedMessages: 1_000,
  unreceiptedBytes: 1 * MiB,
  awayMessages: 32,
  awayBytes: 128 * KiB,
  awayForMs: 24 * 3_600_000,
  awayBytesInAll: 32 * MiB,
  freeFailures: 5,
  lockoutFirstMs: 1_000,
  lockoutLongestMs: 60_000,
  rememberedFailures: 10_000,
}
