import { AsyncLocalStorage } from 'node:async_hooks'
import type { AuditRecord } from './audit-record.ts'

/** An entry that the transaction of a change has to hold, and whose central station will make it whole. */
export interface DueEntry {
  readonly station: string
  readonly record: AuditRecord
}

/** A change under way, with the entries of the audit it is going to write. */
export interface Due {
  /** As far as they are known by now. */
  readonly entries: () => readonly AuditRecord[]
  /** The change this one is a part of. */
  readonly outer: Due | undefined
  /** A transaction that changed something holds them. */
  stands: boolean
  /** They are on their way into the audit; what goes on from here is no part of the change, whoever began it. */
  closed: boolean
}

/** Entries written elsewhere that a piece of work has to hold. */
interface Carried {
  readonly carried: readonly DueEntry[]
}

/**
 * Which entries of the audit the work under way owes. It follows a call through everything it starts, so that a store need not
 * know of it: the pool and the journals ask here, and no route can forget it.
 */
export class Dues {
  readonly station: string
  readonly #calls = new AsyncLocalStorage<Due | Carried | undefined>()
  readonly #open = new Set<Due>()

  /** `station`: what tells this central station from others of the house. */
  constructor(station: string) {
    this.station = station
  }

  begin(entries: () => readonly AuditRecord[]): Due {
    const around = this.#calls.getStore()
    const due: Due = { entries, outer: around && 'entries' in around ? around : undefined, stands: false, closed: false }
    this.#open.add(due)
    return due
  }

  /** Every transaction within owes the entries until one that changes something holds them. */
  during<T>(due: Due, run: () => T): T {
    return this.#calls.run(due, run)
  }

  close(due: Due): void {
    due.closed = true
    this.#open.delete(due)
  }

  /** Changes of the work under way whose entries no transaction holds yet. */
  owed(): readonly Due[] {
    const owed: Due[] = []
    const around = this.#calls.getStore()
    let due = around && 'entries' in around ? around : undefined
    for (; due; due = due.outer) if (!due.closed && !due.stands) owed.push(due)
    return owed
  }

  /** What the work under way owes, as it goes into a journal, to another process or into a transaction. */
  readonly entries = (): readonly DueEntry[] => {
    const around = this.#calls.getStore()
    if (around && 'carried' in around) return around.carried
    return this.owed().flatMap((due) => due.entries().map((record) => ({ station: this.station, record })))
  }

  /** Work that owes these and nothing of whoever started it: a journal that is emptied, a process that was asked. */
  readonly carry = <T,>(carried: readonly DueEntry[], run: () => T): T => this.#calls.run(carried.length === 0 ? undefined : { carried }, run)

  /** Whether somebody here is still going to write it. */
  isOpen(id: string): boolean {
    return [...this.#open].some((due) => due.entries().some((record) => record.id === id))
  }
}
