import type { MqttWrite } from './moddable.ts'

/** Messages on their way into a socket with a small buffer, one after the other and in pieces when they must be. */
export interface Outbox {
  /** @param data nothing for a subscription */
  push(options: MqttWrite, data: ArrayBuffer | undefined): void
  /** The client has room for this many bytes. */
  writable(count: number): void
  waitingBytes(): number
}

interface Waiting {
  readonly options: MqttWrite
  readonly data: ArrayBuffer | undefined
  /** Bytes of the data that are written. */
  done: number
}

/** Fixed header with the longest length, topic length, identifier. */
const OVERHEAD = 1 + 4 + 2 + 2
const FILTER_OVERHEAD = 3
/** A message is begun when this much of it fits: many small pieces cost a packet each. */
const WORTH_A_PIECE = 256

export function createOutbox(write: (data: ArrayBuffer | null, options?: MqttWrite) => number): Outbox {
  const waiting: Waiting[] = []
  let room = 0
  let flushing = false

  /** Writes what fits of the first message; true when it is out. */
  function writeFirst(message: Waiting): boolean {
    const { options, data, done } = message
    const header = done > 0 ? 0 : headerOf(options)
    if (!data) {
      if (header > room) return false
      room = write(null, options)
      return true
    }
    const rest = data.byteLength - done
    const fits = Math.min(rest, room - header)
    if (fits < rest && fits < WORTH_A_PIECE) return false
    const piece = data.slice(done, done + fits)
    room = done > 0 ? write(piece) : write(piece, { ...options, byteLength: data.byteLength })
    message.done += fits
    return message.done === data.byteLength
  }
  function flush(): void {
    // A write may tell of more room at once.
    if (flushing) return
    flushing = true
    for (let first = waiting[0]; first; first = waiting[0]) {
      const before = first.done
      if (writeFirst(first)) waiting.shift()
      else if (first.done === before) break
    }
    flushing = false
  }

  return {
    push(options, data) {
      waiting.push({ options, data, done: 0 })
      flush()
    },
    writable(count) {
      room = count
      flush()
    },
    waitingBytes: () => waiting.reduce((sum, { data, done }) => sum + (data ? data.byteLength - done : 0), 0),
  }
}

function headerOf({ topic = '', items = [] }: MqttWrite): number {
  return OVERHEAD + topic.length + items.reduce((sum, item) => sum + item.topic.length + FILTER_OVERHEAD, 0)
}
