import type { FeedEntry } from './feed-entry.ts'

/** How far a group has come: everything up to `position`, and `taken` messages of the row after it. */
export interface Cursor {
  readonly position: number
  readonly taken: number
}

export interface FeedRow {
  readonly position: number
  readonly bytes: number
  readonly entries: readonly FeedEntry[]
}

/** A message handed to a consumer; done or given back exactly once. */
export interface Held {
  readonly entry: FeedEntry
  /** How often it was offered before. */
  readonly offered: number
}

interface Row {
  readonly position: number
  readonly bytes: number
  readonly places: Place[]
  /** Places done from the start without a hole. */
  done: number
  /** The next place that was never handed out. */
  next: number
}

interface Place extends Held {
  readonly row: Row
  offered: number
  state: 'waiting' | 'held' | 'done'
}

/** Most messages and bytes of one group in memory; a row larger than that is taken alone. */
const MOST = { messages: 10_000, bytes: 8 * 1024 * 1024 }

/**
 * The part of the feed a group is busy with. Consumers share it in any order; the cursor follows the first message that is not
 * done, so whatever fails, a group goes on from there: nothing is skipped, some may come twice.
 */
export class GroupLine {
  #rows: Row[] = []
  /** Index of the first row that may hold something never handed out. */
  #fresh = 0
  #returned: Place[] = []
  #cursor: Cursor
  #loaded: number
  #messages = 0
  #bytes = 0
  readonly #most: typeof MOST

  constructor(cursor: Cursor, most = MOST) {
    this.#cursor = cursor
    this.#loaded = cursor.position
    this.#most = most
  }

  get cursor(): Cursor {
    return this.#cursor
  }

  /** Where to read on. */
  get loadedUpTo(): number {
    return this.#loaded
  }

  get messages(): number {
    return this.#messages
  }

  wantsMore(): boolean {
    return this.#rows.length === 0 || (this.#messages < this.#most.messages / 2 && this.#bytes < this.#most.bytes / 2)
  }

  /** How many more bytes fit. */
  roomBytes(): number {
    return Math.max(0, this.#most.bytes - this.#bytes)
  }

  /** Rows behind those loaded, in order of position. */
  load(rows: readonly FeedRow[]): void {
    for (const { position, bytes, entries } of rows) {
      const taken = this.#rows.length === 0 && this.#loaded === this.#cursor.position ? Math.min(this.#cursor.taken, entries.length) : 0
      const row: Row = { position, bytes, places: [], done: taken, next: taken }
      for (const [i, entry] of entries.entries()) row.places.push({ row, entry, offered: 0, state: i < taken ? 'done' : 'waiting' })
      this.#rows.push(row)
      this.#loaded = position
      this.#messages += entries.length
      this.#bytes += bytes
    }
    this.#moveOn()
  }

  /** The next message for a consumer; what was given back goes first. */
  next(): Held | undefined {
    const again = this.#returned.shift()
    if (again) return hold(again)
    for (let row = this.#rows[this.#fresh]; row; row = this.#rows[++this.#fresh]) {
      const place = row.places[row.next]
      if (!place) continue
      row.next++
      return hold(place)
    }
    return undefined
  }

  done(held: Held): void {
    const place = held as Place
    if (place.state !== 'held') return
    place.state = 'done'
    this.#moveOn()
  }

  giveBack(held: Held): void {
    const place = held as Place
    if (place.state !== 'held') return
    place.state = 'waiting'
    place.offered++
    this.#returned.push(place)
  }

  #moveOn(): void {
    for (let row = this.#rows[0]; row; row = this.#rows[0]) {
      while (row.places[row.done]?.state === 'done') row.done++
      if (row.done < row.places.length) {
        // Rows that were dropped or never there count as done.
        this.#cursor = { position: this.#cursor.position, taken: row.done }
        return
      }
      this.#rows.shift()
      this.#fresh = Math.max(0, this.#fresh - 1)
      this.#messages -= row.places.length
      this.#bytes -= row.bytes
      this.#cursor = { position: row.position, taken: 0 }
    }
  }
}

function hold(place: Place): Held {
  place.state = 'held'
  return place
}
