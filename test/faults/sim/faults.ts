/** Everything that can go wrong in the simulated ward, by the word that counts it. */
export const faultKinds = [
  'message_lost',
  'message_doubled',
  'message_delayed',
  'receipt_lost',
  'device_cut',
  'device_crashed',
  'device_tail_lost',
  'device_disk_full',
  'device_clock_jumped',
  'broker_crashed',
  'bridge_cut',
  'bridge_crashed',
  'bridge_clock_jumped',
  'database_slow',
  'database_hung',
  'statement_lost',
  'reply_lost',
  'commit_reply_lost',
  'connection_refused',
  'statement_refused',
  'disk_full',
  'read_only',
  'database_crashed',
  'failed_over',
  'poison',
] as const

export type FaultKind = (typeof faultKinds)[number]

/** How often each kind really happened. */
export type FaultCount = Record<FaultKind, number>

export function noFaultsYet(): FaultCount {
  return Object.fromEntries(faultKinds.map((kind) => [kind, 0])) as FaultCount
}
