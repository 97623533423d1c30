import rhea, { type Connection, type Delivery } from 'rhea'

export type AmqpOutcome = 'accept' | 'release' | 'reject'

/** One for all: the library makes three objects of it anew for each delivery, and only ever reads them. */
const ACCEPTED: unknown = (rhea.message as unknown as { accepted(): { described(): unknown } }).accepted().described()

const lastSaid = new WeakMap<Connection, AmqpOutcome>()

/**
 * Says what became of a delivery. The library (rhea 3.0.5, `write_dispositions`) joins what is said in one turn into ranges and
 * does not look at the outcome of the second: "accepted, released" would leave as "accepted 1 to 2", and the message be lost. So
 * what was said before leaves before anything else is said.
 */
export function settle(delivery: Delivery, outcome: AmqpOutcome, error?: { condition: string; description: string }): void {
  const { connection } = delivery.link
  if ((lastSaid.get(connection) ?? outcome) !== outcome) flush(connection)
  lastSaid.set(connection, outcome)
  if (outcome === 'accept') delivery.update(true, ACCEPTED)
  else if (outcome === 'release') delivery.release()
  else delivery.reject(error)
}

/** What the library does itself at the end of the turn, by its own name for it. */
const END_OF_TURN = '_process'

function flush(connection: Connection): void {
  ;(connection as unknown as Record<typeof END_OF_TURN, () => void>)[END_OF_TURN]()
}
