import { createHash, createHmac } from 'node:crypto'

/** Everything a record says, as PostgreSQL holds it; times in ms since the Unix epoch. */
export interface ChainedFacts {
  readonly recordId: string
  readonly atMs: number
  readonly accountId: string | null
  readonly username: string
  readonly role: string
  readonly action: string
  readonly patientId: string | null
  readonly stayId: string | null
  readonly deviceNo: number | null
  readonly wardId: string | null
  readonly origin: string
  readonly requestId: string
  readonly detail: unknown
}

/** The hash before the first record. */
export const BEGINNING = '00'.repeat(32)

/** The key of the chain: without it nobody who can write to the database alone can continue or mend the chain. */
export function chainKey(pepper: Buffer): Buffer {
  return createHmac('sha256', pepper).update('audit chain').digest()
}

/** HMAC-SHA-256, hex, over the hash before, the place in the chain and everything the record says. */
export function linkHash(key: Buffer, previous: string, seq: number, facts: ChainedFacts): string {
  return createHmac('sha256', key).update(previous).update(' ').update(textOf(seq, facts)).digest('hex')
}

/** One digest over records from before the chain, in the order of their ids. */
export function digestBefore(): { add(facts: ChainedFacts): void; digest(): string } {
  const hash = createHash('sha256')
  let count = 0
  return { add: (facts) => void hash.update(textOf(++count, facts)).update('\n'), digest: () => hash.digest('hex') }
}

function textOf(seq: number, facts: ChainedFacts): string {
  const { recordId, atMs, accountId, username, role, action, patientId, stayId, deviceNo, wardId, origin, requestId, detail } = facts
  return stable([seq, recordId, atMs, accountId, username, role, action, patientId, stayId, deviceNo, wardId, origin, requestId, detail ?? null])
}

/** JSON with the keys of objects in order: PostgreSQL keeps them in an order of its own. */
function stable(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(stable).join(',')}]`
  if (value !== null && typeof value === 'object') {
    const pairs = Object.entries(value).filter(([, part]) => part !== undefined).sort(([a], [b]) => (a < b ? -1 : 1))
    return `{${pairs.map(([key, part]) => `${JSON.stringify(key)}:${stable(part)}`).join(',')}}`
  }
  return JSON.stringify(value ?? null)
}
