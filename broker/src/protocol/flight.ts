import type { Message } from './message.ts'

/** A message at QoS 1 or 2 between being sent and being acknowledged (section 4.3). */
export interface Flight {
  readonly qos: 1 | 2
  readonly retain: boolean
  /** Only where it may have to be sent again, on a later connection, or has not been sent yet. */
  readonly message: Message | undefined
  /** `released`: PUBREC has come, PUBREL is out, PUBCOMP is awaited. */
  state: 'waiting' | 'sent' | 'released'
  /** Stays while the client is away. */
  kept: boolean
  /** When it came, monotonic milliseconds. */
  readonly at: number
}

const bare = (qos: 1 | 2, state: Flight['state']): Flight => Object.freeze({ qos, state, retain: false, message: undefined, kept: false, at: 0 })

/** Most flights are never sent again: their session ends with their connection. Those share these. */
export const SENT_QOS_1 = bare(1, 'sent')
export const SENT_QOS_2 = bare(2, 'sent')
export const RELEASED = bare(2, 'released')
