/** Most objects waiting for the database, and most bytes of them: what does not fit is left for the devices to send again. */
export const MAX_WAITING_OBJECTS = 20_000
export const MAX_WAITING_BYTES = 64 * 1024 * 1024

export interface Room {
  readonly objects: number
  readonly bytes: number
  /** Whether nothing more can fit: asked before the work of reading a message is spent on it. */
  isFull(): boolean
  /** Notes that something was turned away unread. */
  turnedAway(): void
  /** Takes room, or answers false and takes none. */
  take(objects: number, bytes: number): boolean
  /** Gives room back. True when it is time to ask for what was refused: half of it is free again. */
  give(objects: number, bytes: number): boolean
}

/** The bounded memory of the durable lane. */
export function createRoom(limits: { objects: number; bytes: number } = { objects: MAX_WAITING_OBJECTS, bytes: MAX_WAITING_BYTES }): Room {
  let objects = 0
  let bytes = 0
  let refused = false

  return {
    get objects() {
      return objects
    },
    get bytes() {
      return bytes
    },
    isFull: () => objects >= limits.objects || bytes >= limits.bytes,
    turnedAway() {
      refused = true
    },
    take(moreObjects, moreBytes) {
      if (objects + moreObjects > limits.objects || bytes + moreBytes > limits.bytes) return false
      objects += moreObjects
      bytes += moreBytes
      return true
    },
    give(fewerObjects, fewerBytes) {
      objects -= fewerObjects
      bytes -= fewerBytes
      if (!refused || objects > limits.objects / 2 || bytes > limits.bytes / 2) return false
      refused = false
      return true
    },
  }
}
