import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Ledger, Range } from '@vigil/contract'
import { manualClock } from '@vigil/contract/testing/manual-clock'
import { openJournal, readJournal } from '../../src/load/journal.ts'
import { describeDelays, isClean, judge, reportTable, type LoadReport } from '../../src/load/verdict.ts'

const ledger = (epoch: string, ranges: Range[], duplicates = 0, lost = 0): Ledger['epochs'][number] => ({
  epoch, upto: 0, received: 0, missing: 0, lost, duplicates, ranges: ranges.map(([a, b]): [number, number] => [a, b]), firstAt: '', lastAt: '',
})
const produced = (epoch: string, ranges: Range[]) => new Map([[epoch, ranges]])

describe('comparing what a board produced with the ledger', () => {
  it('finds nothing to complain about when every number is there', () => {
    const verdict = judge({ device: 'd', produced: produced('e', [[1, 60]]), spool: { epoch: 'e', lastSeq: 60 }, ledger: { epochs: [ledger('e', [[1, 60]])] } })
    expect(verdict).toMatchObject({ produced: 60, stored: 60, missing: 0, invented: 0, duplicates: 0, lost: 0 })
  })

  it('names each missing number, also of an epoch the ledger never heard of', () => {
    const numbers = new Map<string, Range[]>([['e', [[1, 60]]], ['old', [[1, 5]]]])
    const verdict = judge({ device: 'd', produced: numbers, spool: { epoch: 'e', lastSeq: 60 }, ledger: { epochs: [ledger('e', [[1, 10], [13, 60]])] } })
    expect(verdict).toMatchObject({ missing: 7, missingRanges: [[11, 12], [1, 5]] })
  })

  it('believes the spool about numbers a kill kept out of the journal', () => {
    const verdict = judge({ device: 'd', produced: produced('e', [[1, 9]]), spool: { epoch: 'e', lastSeq: 10 }, ledger: { epochs: [ledger('e', [[1, 9]])] } })
    expect(verdict).toMatchObject({ produced: 10, missing: 1, missingRanges: [[10, 10]] })
  })

  it('counts what nobody produced, what is there twice and what was given up', () => {
    const verdict = judge({ device: 'd', produced: produced('e', [[1, 9]]), spool: { epoch: 'e', lastSeq: 9 }, ledger: { epochs: [ledger('e', [[1, 12]], 2, 1)] } })
    expect(verdict).toMatchObject({ missing: 0, invented: 3, duplicates: 2, lost: 1 })
  })
})

describe('the report', () => {
  const clean: LoadReport = { devices: 2, real: 1, seconds: 60, produced: 120, stored: 120, missing: 0, invented: 0, duplicates: 0, lost: 0, unsent: 0, cuts: 0, sensorToWallMs: describeDelays([100, 200, 300, 1_000]), worst: [] }

  it('gives the delays by nearest rank', () => {
    const delays = Array.from({ length: 100 }, (_, i) => 100 - i)
    expect(describeDelays(delays)).toEqual({ observed: 100, p50: 50, p95: 95, p99: 99, max: 100 })
    expect(describeDelays([]).observed).toBe(0)
  })

  it('is clean only when nothing is missing, doubled, invented, given up or unproven', () => {
    expect(isClean(clean)).toBe(true)
    for (const key of ['missing', 'invented', 'duplicates', 'lost', 'unsent'] as const) expect(isClean({ ...clean, [key]: 1 })).toBe(false)
  })

  it('names the boards that are wrong', () => {
    const worst = [{ device: 'load-1', produced: 9, stored: 8, missing: 1, missingRanges: [[9, 9] as const], invented: 0, duplicates: 0, lost: 0 }]
    expect(reportTable({ ...clean, missing: 1, worst })).toContain('load-1: 1 missing [[9,9]]')
    expect(reportTable(clean)).toContain('p95 1000 ms')
  })
})

describe('the journal', () => {
  it('is on the disk within a tenth of a second, goes on after a restart, and leaves out a line cut by a kill', () => {
    const folder = mkdtempSync(join(tmpdir(), 'vigil-journal-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const path = join(folder, 'journal.log')
    const clock = manualClock()
    const first = openJournal(path, clock)
    first.produced('d1', 'e', 1, 1)
    first.produced('d1', 'e', 2, 3)
    first.produced('d2', 'f', 1, 1)
    expect(readFileSync(path, 'utf8')).toBe('')
    clock.advance(100)
    expect(readJournal(path)).toEqual(new Map([['d1', new Map([['e', [[1, 4]]]])], ['d2', new Map([['f', [[1, 1]]]])]]))
    appendFileSync(path, 'd1 e 5')
    expect(readJournal(path).get('d1')?.get('e')).toEqual([[1, 4]])
    first.close()
    const second = openJournal(path, clock)
    second.produced('d1', 'e', 7, 1)
    second.close()
    expect(readJournal(path).get('d1')?.get('e')).toEqual([[1, 4], [7, 7]])
    expect(clock.pending()).toBe(0)
  })

  it('is empty before the first run', () => {
    expect(readJournal('/nowhere/journal.log').size).toBe(0)
  })
})
