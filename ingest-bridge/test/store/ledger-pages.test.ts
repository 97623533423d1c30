import { countRanges, normaliseRanges, type Range, rangesContain, rangesOf, subtractRanges, unionRanges } from '@vigil/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Item } from '../../src/pipeline/item.ts'
import { createConnection, type Database } from '../../src/store/connection.ts'
import { addToPage, foldHead, type Head } from '../../src/store/fold.ts'
import { type Group, groupItems } from '../../src/store/groups.ts'
import { createLedger } from '../../src/store/ledger.ts'
import { parseMultirange } from '../../src/store/multirange.ts'
import { freshDatabase, type TestDatabase } from '../support/database.ts'

const MOST = 8
const address = { site: 'main', device: 'bed-1' }

let database: TestDatabase
let connection: Database
let deviceNo: number
beforeAll(async () => {
  database = await freshDatabase()
  deviceNo = await database.register('bed-1')
  connection = createConnection({ url: database.url, name: 'vigil-bridge' })
})
afterAll(async () => {
  await connection?.close()
  await database?.close()
})

/** Park-Miller, so that a failing sequence can be had again. */
function seeded(seed: number): (below: number) => number {
  let state = seed
  return (below) => (state = (state * 48_271) % 2_147_483_647) % below
}

type Sent = number | { readonly seq: number; readonly lost: Range }

const numberOf = (one: Sent): number => (typeof one === 'number' ? one : one.seq)

/** What the ledger must be equal to. */
function plainSet() {
  const [got, lost] = [new Set<number>(), new Set<number>()]
  return {
    got,
    lost,
    /** Answers how many were known. */
    take(sent: readonly Sent[]): number {
      const before = got.size
      for (const one of sent) {
        if (typeof one !== 'number' && !got.has(one.seq)) for (let n = one.lost[0]; n <= one.lost[1]; n++) lost.add(n)
        got.add(numberOf(one))
      }
      return sent.length - (got.size - before)
    },
  }
}

/** One transaction of the ledger, as a batch makes it. Answers its groups afterwards and how many items it knew already. */
async function take(ledger: ReturnType<typeof createLedger>, epoch: string, sent: readonly Sent[]): Promise<{ group: Group | undefined; repeated: number }> {
  const placed = sent.map((one) => {
    const [seq, lost] = typeof one === 'number' ? [one] : [one.seq, one.lost]
    const item = { kind: lost ? 'gap' : 'sample', epoch, seq, ...(lost && { lost }) } as Item
    return { item, deviceNo, address, key: { epoch, seq } }
  })
  const { groups, duplicates } = groupItems(placed)
  const known = await connection.use(async (open) => {
    const begun = await ledger.begin(open, 'select 1', groups)
    await open.commit()
    return begun.known
  })
  return { group: groups[0], repeated: duplicates + known }
}

async function heldBy(epoch: string) {
  const [row] = await database.query<{ got: string; lost: string; head: string; upto: string; folded: string; pages: string; longest: number }>(
    `select ledger_got(l)::text as got, ledger_lost(l)::text as lost, l.got::text as head, l.upto::text, l.folded::text,
       (select count(*) from ledger_page p where p.ledger_no = l.no)::text as pages,
       coalesce((select max((select count(*) from unnest(p.got)))::int from ledger_page p where p.ledger_no = l.no), 0) as longest
     from ledger l where l.device_no = $1 and l.epoch = $2`,
    [deviceNo, epoch],
  )
  if (!row) throw new RangeError(`no ledger row of ${epoch}`)
  return { got: parseMultirange(row.got), lost: parseMultirange(row.lost), head: parseMultirange(row.head), upto: Number(row.upto), folded: Number(row.folded), pages: Number(row.pages), longest: row.longest }
}

/** What a board with a bad link sends: leaps, late and repeated numbers, now and then a gap it gives up. */
function batchOf(random: (below: number) => number, newest: { seq: number }): Sent[] {
  return Array.from({ length: 1 + random(12) }, (): Sent => {
    const what = random(10)
    if (what < 5) return (newest.seq += 1 + random(4))
    if (what < 8) return 1 + random(newest.seq + 1)
    const from = 1 + random(newest.seq + 1)
    return { seq: (newest.seq += 1), lost: [from, from + (what === 8 ? random(3) : random(60))] }
  })
}

describe('numbers with very many holes', () => {
  it.each([1, 2, 3, 4, 5, 6])('are taken once each, and told truly, as a plain set would (seed %i)', async (seed) => {
    const random = seeded(seed * 7_919)
    const epoch = `p${seed}`
    // Two bridges in turn: neither remembers what the other did.
    const ledgers = [createLedger({ most: MOST }), createLedger({ most: MOST })] as const
    const { got, lost, ...naive } = plainSet()
    const newest = { seq: 0 }
    for (let round = 0; round < 60; round++) {
      const sent = batchOf(random, newest)
      const { group, repeated } = await take(ledgers[random(2)] ?? ledgers[0], epoch, sent)
      expect(repeated, `round ${round}`).toBe(naive.take(sent))
      const { covered, unread } = group ?? { covered: [], unread: [] }
      const truth = rangesOf([...got, ...lost])
      expect(subtractRanges(covered, truth), `round ${round}: never more than there is`).toEqual([])
      expect(subtractRanges(truth, unionRanges(covered, unread)), `round ${round}: nothing forgotten`).toEqual([])
      expect(sent.filter((one) => !rangesContain(covered, numberOf(one))), `round ${round}: what came is named`).toEqual([])
    }
    const held = await heldBy(epoch)
    expect(held.got).toEqual(rangesOf(got))
    expect(held.lost).toEqual(subtractRanges(rangesOf(lost), rangesOf(got)))
    expect(held.pages).toBeGreaterThan(5)
    expect(held.head.length).toBeLessThanOrEqual(MOST)
    expect(held.longest).toBeLessThanOrEqual(MOST)
    expect(held.upto).toBe(Math.min(held.folded - 1, unionRanges(held.got, held.lost)[0]?.[1] ?? 0))
  })

  it('of a board that sends every second one leave a short row, and fill up when the others come after all', async () => {
    const ledger = createLedger()
    const odd = Array.from({ length: 6_000 }, (_, i) => 2 * i + 1)
    for (let at = 0; at < odd.length; at += 500) await take(ledger, 'odd', odd.slice(at, at + 500))
    const scattered = await heldBy('odd')
    expect(scattered.got).toHaveLength(6_000)
    expect(scattered.head.length).toBeLessThanOrEqual(1_024)
    expect(scattered.longest).toBeLessThanOrEqual(1_024)
    expect((await take(ledger, 'odd', odd.slice(0, 300))).repeated).toBe(300)
    const even = odd.map((n) => n + 1)
    for (let at = even.length - 500; at >= 0; at -= 500) await take(ledger, 'odd', even.slice(at, at + 500))
    const { group } = await take(ledger, 'odd', [12_001])
    expect(group?.covered).toEqual([[1, 12_001]])
    expect(group?.unread).toEqual([])
    expect((await heldBy('odd')).got).toEqual([[1, 12_001]])
  }, 30_000)
})

describe('folding', () => {
  const scattered = (from: number, count: number): Range[] => Array.from({ length: count }, (_, i): Range => [from + 2 * i, from + 2 * i])

  it('leaves a short row alone, and cuts a long one where half of what it may have is left', () => {
    const head: Head = { got: scattered(1, MOST), lost: [], folded: 0, upto: 0 }
    expect(foldHead(head, { most: MOST })).toBeUndefined()
    const fold = foldHead({ ...head, got: scattered(1, MOST + 5) }, { most: MOST })
    expect(fold?.head).toMatchObject({ got: scattered(19, 4), folded: 19, upto: 1 })
    expect(fold?.pages.map(({ from }) => from)).toEqual([1, 9, 17])
    expect(normaliseRanges(fold?.pages.flatMap(({ got }) => got) ?? [])).toEqual(scattered(1, 9))
  })

  it('of a page that grew loses nothing', () => {
    const pages = addToPage({ from: 1, got: scattered(1, MOST), lost: [[2, 2]] }, scattered(101, MOST), [[4, 4]], { most: MOST })
    expect(pages.length).toBeGreaterThan(1)
    expect(countRanges(normaliseRanges(pages.flatMap(({ got }) => got)))).toBe(2 * MOST)
    expect(normaliseRanges(pages.flatMap(({ lost }) => lost))).toEqual([[2, 2], [4, 4]])
  })
})
