import { type Range, subtractRanges, unionRanges } from '@vigil/contract'
import { ledgerKey, type LedgerRow, type PageRow, type StoredRow, wholeRow, withNumbers } from './tables.ts'

type Values = readonly unknown[]

/** What a statement may do: read and write under the locks of its transaction. */
export interface Transaction {
  readonly database: { readonly devices: ReadonlyMap<string, { readonly no: number; readonly site: string }>; readonly mutant: { readonly keyForgotten?: boolean | undefined } }
  lock(key: string): Promise<void>
  ledgerRow(deviceNo: number, epoch: string): LedgerRow | undefined
  ledgerByNo(no: number): LedgerRow | undefined
  newLedgerRow(known: number, deviceNo: number, epoch: string): LedgerRow
  setLedgerRow(row: LedgerRow): void
  /** Those of one ledger row, in order. */
  pagesOf(no: number): readonly PageRow[]
  setPage(page: PageRow): void
  insert(row: StoredRow): void
  appendToFeed(): void
}

type Statement = (transaction: Transaction, values: Values) => Promise<readonly unknown[]> | readonly unknown[]

const numbersAt = (values: Values, at: number): readonly number[] => (values[at] ?? []) as readonly number[]
/** Text columns; `null` where there is none. */
const textsAt = (values: Values, at: number): readonly string[] => (values[at] ?? []) as readonly string[]
const rangeText = (ranges: readonly Range[]): string => `{${ranges.map(([from, to]) => `[${from},${to + 1})`).join(',')}}`
const ranges = (text: string): Range[] => [...text.matchAll(/\[(\d+),(\d+)\)/g)].map(([, from, end]): Range => [Number(from), Number(end) - 1])
const overlap = (a: readonly Range[], b: readonly Range[]): boolean => a.some(([from, to]) => b.some(([low, high]) => from <= high && low <= to))
const answer = ({ no, deviceNo, epoch, got, lost, folded, upto }: LedgerRow) => ({ no, device_no: deviceNo, epoch, got: rangeText(got), lost: rangeText(lost), folded, upto })
const below = (some: readonly Range[], folded: number): boolean => some.some(([from]) => from < folded)
/** A page as a statement answers it: with the number after its last. */
const pageAnswer = (page: PageRow, pages: readonly PageRow[], folded: number) => ({ ledger_no: page.no, from_no: page.from, end_no: pages.find(({ from }) => from > page.from)?.from ?? folded, got: rangeText(page.got), lost: rangeText(page.lost) })

/** The statements the bridge sends, by the names it gives them, with PostgreSQL's meaning at `read committed`. */
export const statements: Readonly<Record<string, Statement>> = {
  async ledger_take(transaction, values) {
    const [nos, devices, epochs, gots, losts] = [numbersAt(values, 0), numbersAt(values, 1), textsAt(values, 2), textsAt(values, 3), textsAt(values, 4)]
    const answers: unknown[] = []
    for (const [i, epoch] of epochs.entries()) {
      const deviceNo = devices[i] as number
      await transaction.lock(ledgerKey(deviceNo, epoch))
      const held = transaction.ledgerRow(deviceNo, epoch)
      const [got, lost] = [ranges(gots[i] as string), ranges(losts[i] as string)]
      if (held && ((!transaction.database.mutant.keyForgotten && overlap(held.got, got)) || below(got, held.folded) || below(lost, held.folded))) continue
      const row = withNumbers(held ?? transaction.newLedgerRow(nos[i] as number, deviceNo, epoch), got, lost)
      transaction.setLedgerRow(row)
      answers.push(answer(row))
    }
    return answers
  },
  async 'ledger-read'(transaction, values) {
    const rows: unknown[] = []
    for (const [i, deviceNo] of numbersAt(values, 0).entries()) {
      const epoch = textsAt(values, 1)[i] as string
      await transaction.lock(ledgerKey(deviceNo, epoch))
      const row = transaction.ledgerRow(deviceNo, epoch)
      if (row) rows.push(answer(row))
    }
    return rows
  },
  'ledger-merge'(transaction, values) {
    return numbersAt(values, 0).flatMap((no, i) => {
      const held = transaction.ledgerByNo(no)
      if (!held) return []
      const [got, lost, late] = [1, 2, 3].map((at) => ranges(textsAt(values, at)[i] as string)) as [Range[], Range[], Range[]]
      const merged = withNumbers(held, got, lost)
      const row = { ...merged, lost: subtractRanges(merged.lost, late), upto: numbersAt(values, 4)[i] as number }
      transaction.setLedgerRow(row)
      return [answer(row)]
    })
  },
  'ledger-fold'(transaction, values) {
    for (const [i, no] of numbersAt(values, 0).entries()) {
      const held = transaction.ledgerByNo(no)
      if (held) transaction.setLedgerRow({ ...held, got: ranges(textsAt(values, 1)[i] as string), lost: ranges(textsAt(values, 2)[i] as string), folded: numbersAt(values, 3)[i] as number, upto: numbersAt(values, 4)[i] as number })
    }
    return []
  },
  'ledger-pages'(transaction, values) {
    const found = new Map<string, unknown>()
    for (const [i, no] of numbersAt(values, 0).entries()) {
      const pages = transaction.pagesOf(no)
      const page = pages.findLast(({ from }) => from <= (numbersAt(values, 1)[i] as number))
      if (page) found.set(`${no}/${page.from}`, pageAnswer(page, pages, transaction.ledgerByNo(no)?.folded ?? 0))
    }
    return [...found.values()]
  },
  'ledger-pages-next'(transaction, values) {
    const [no, from, most] = values as [number, number, number]
    const pages = transaction.pagesOf(no)
    return pages.filter((page) => page.from >= from).slice(0, most).map((page) => pageAnswer(page, pages, transaction.ledgerByNo(no)?.folded ?? 0))
  },
  'ledger-pages-put'(transaction, values) {
    for (const [i, no] of numbersAt(values, 0).entries()) transaction.setPage({ no, from: numbersAt(values, 1)[i] as number, got: ranges(textsAt(values, 2)[i] as string), lost: ranges(textsAt(values, 3)[i] as string) })
    return []
  },
  'ledger-ask'(transaction, values) {
    return textsAt(values, 1).flatMap((id, i) => {
      const device = transaction.database.devices.get(id)
      if (!device) return []
      const epoch = textsAt(values, 2)[i] as string
      const held = transaction.ledgerRow(device.no, epoch)
      const row = held && wholeRow(held, transaction.pagesOf(held.no))
      return [{ site: device.site, id, epoch, got: rangeText(row?.got ?? []), lost: rangeText(row?.lost ?? []) }]
    })
  },
  devices: (transaction, values) => textsAt(values, 0).flatMap((id) => {
    const device = transaction.database.devices.get(id)
    return device ? [{ id, no: device.no, site: device.site, retired: false }] : []
  }),
  events(transaction, values) {
    for (const [i, deviceNo] of numbersAt(values, 0).entries()) {
      const made = (JSON.parse(textsAt(values, 8)[i] ?? '{}') as { made?: number }).made
      transaction.insert({ kind: 'event', deviceNo, ledgerNo: numbersAt(values, 1)[i] as number, seq: numbersAt(values, 2)[i] as number, content: String(made) })
    }
    return []
  },
  'dead-letters'(transaction, values) {
    for (const [i, deviceNo] of numbersAt(values, 3).entries()) {
      const [epoch, seq] = [textsAt(values, 4)[i] ?? null, numbersAt(values, 5)[i] ?? null]
      const ledgerNo = epoch === null ? 0 : (transaction.ledgerRow(deviceNo, epoch)?.no ?? 0)
      const row: StoredRow = { kind: 'dead', deviceNo, ledgerNo, seq: seq ?? 0, content: String(textsAt(values, 6)[i]) }
      transaction.insert(row)
    }
    return []
  },
  async 'feed-append'(transaction) {
    await transaction.lock('feed')
    transaction.appendToFeed()
    return []
  },
}

/** What a bridge does beside its batches, and what says nothing of exactly once. */
export const ignored: ReadonlySet<string> = new Set(['partition-sample', 'mark', 'due', 'unmark', 'minutes', 'hours', 'notices'])

/** Numbers a ledger row calls done. */
export function covered(row: LedgerRow | undefined): readonly Range[] {
  return row ? unionRanges(row.got, row.lost) : []
}
