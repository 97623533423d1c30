import { join } from 'node:path'
import { systemClock } from '@vigil/program'
import { boardAway, streamed } from '../../../edge-agent/bench/board-away.ts'
import type { Benchmark, Measures } from '../framework/benchmark.ts'
import { startDurableLane } from '../stage/durable-lane.ts'
import { query } from '../stage/sql.ts'

const WEEK_S = 7 * 86_400
const ROOM_MB = 200
const MEBIBYTE = 1_024 * 1_024
/** What it measures while it hands over lies after the week, and must not lie in the future. */
const SLACK_MS = 4 * 3_600_000

interface Row {
  readonly seq: string
  readonly ms: string
  readonly pr: number | null
  readonly rr: number | null
}

/** A board measures every signal for seven days without a network, starts again twice, once without warning, and hands everything to broker, bridge and PostgreSQL. */
export const away: Benchmark = {
  name: 'away',
  what: 'seven days of a board nobody hears, handed over to the database',
  sides: [
    {
      name: 'vigil',
      async start(stage) {
        // Compared as rows: old hours are not packed into segments meanwhile, which is exact by tests of its own.
        const { port, boards, databaseUrl } = await startDurableLane(stage, 1, { VIGIL_CLOSE_AFTER_MINUTES: '0' })
        const [device] = boards
        let runs = 0
        return {
          async run(): Promise<Measures> {
            const seconds = stage.scaled(WEEK_S)
            const board = await boardAway({ folder: join(stage.folder, `away-${runs++}`), startMs: systemClock.now() - 1_000 * seconds - SLACK_MS, limitBytes: (ROOM_MB * MEBIBYTE * seconds) / WEEK_S })
            const from = systemClock.monotonic()
            await board.measure(seconds / 3)
            await board.restart()
            await board.measure(seconds / 3)
            await board.pullPlug()
            await board.measure(seconds / 3)
            const away = systemClock.monotonic()
            const { unsent, dropped } = board.status()
            await board.deliver({ device: device?.id ?? '', url: `mqtt://127.0.0.1:${port}`, secret: device?.secret ?? '' })
            const deliveredS = (systemClock.monotonic() - away) / 1_000
            const { lastSeq } = board.status()
            const differences = compare(await rowsOf(databaseUrl, board.epoch()), board.given)
            await board.close()
            return { ...differences, objects: lastSeq, dropped, fileMb: board.fileBytes() / MEBIBYTE, measuredS: (away - from) / 1_000, deliveredS, perSecond: unsent / deliveredS }
          },
        }
      },
    },
  ],
  targets: [
    { says: 'seconds given by the sensors and not in the database', of: 'vigil.missing', atMost: 0 },
    { says: 'rows too many', of: 'vigil.twice', atMost: 0 },
    { says: 'rows with another time or value than the sensors gave', of: 'vigil.changed', atMost: 0 },
    { says: 'objects given up for want of room', of: 'vigil.dropped', atMost: 0 },
    { says: 'size of the spool, MB (a tenth of it with --quick)', of: 'vigil.fileMb', atMost: ROOM_MB },
  ],
  runLimitMs: 1_800_000,
}

function rowsOf(url: string, epoch: string): Promise<Row[]> {
  const text = `select s.seq, (extract(epoch from s.t) * 1000)::int8 as ms, s.pr::float8, s.rr::float8 from sample s join ledger l on l.no = s.ledger_no where l.epoch = $1 order by s.seq`
  return query<Row>(url, text, [epoch])
}

/** The rows in the order of their numbers against what was written down when the sensors gave it. */
function compare(rows: readonly Row[], given: readonly number[]): { missing: number; twice: number; changed: number } {
  const at = new Map(given.map((ms, n) => [ms, n]))
  const seen = new Set<number>()
  let [twice, changed] = [0, 0]
  for (const { ms, pr, rr } of rows) {
    const n = at.get(Number(ms))
    const { m } = streamed(n ?? -1)
    if (n === undefined || pr !== (m['pr'] ?? null) || rr !== m['rr']) changed += 1
    else if (seen.has(n)) twice += 1
    else seen.add(n)
  }
  return { missing: given.length - seen.size, twice, changed }
}
