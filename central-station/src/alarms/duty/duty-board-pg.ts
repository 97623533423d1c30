import type pg from 'pg'
import type { Log } from '@vigil/program'
import { OwnConnection } from '../../db/own-connection.ts'
import { type DutyBoard, LOCK_KEPT_MS, type Peer, type Round } from './duty.ts'

/** 'vigil', and 4 for alarms: one number for the whole house, in the space of advisory locks. */
const DUTY_LOCK = 0x76_69_67_04
/** Engines of the past are forgotten after a day. */
const FORGET = `delete from alarm_engine where seen_at < now() - interval '1 day'`

const SAY = `
  insert into alarm_engine (id, name, armed) values ($1, $2, $3)
  on conflict (id) do update set name = excluded.name, armed = excluded.armed, seen_at = now(), duty = alarm_engine.duty and $4`
const TAKEN = 'update alarm_engine set duty = id = $1, duty_since = case when id = $1 then now() else duty_since end where duty or id = $1'
/** Not heard any more, and on duty no more; when it was, stays known. */
const GONE = `update alarm_engine set duty = false, seen_at = now() - interval '1 minute' where id = $1`
const OTHERS = `
  select id, name, duty, armed, (extract(epoch from now() - seen_at) * 1000)::float8 as "seenMsAgo",
         coalesce(duty_since > (select duty_since from alarm_engine where id = $1), duty_since is not null) as later
  from alarm_engine where id <> $1`

interface OtherRow extends Peer {
  readonly later: boolean
}

export interface DutyBoardOptions {
  readonly url: string
  /** Sixteen hexadecimal digits, kept with the data directory. */
  readonly id: string
  /** Where it runs, for people. */
  readonly name: string
  readonly log: Log
}

/** The advisory lock on a connection of its own, and the rows of table `alarm_engine`. */
export function createDutyBoard(options: DutyBoardOptions): DutyBoard {
  return new PgDutyBoard(options)
}

class PgDutyBoard implements DutyBoard {
  readonly #options: DutyBoardOptions
  readonly #own: OwnConnection
  #isHeld = false

  constructor(options: DutyBoardOptions) {
    this.#options = options
    this.#own = new OwnConnection({ url: options.url, name: 'vigil-alarm-duty', speaksWithinMs: LOCK_KEPT_MS, opened: (mine) => mine.query(FORGET), lost: () => (this.#isHeld = false) })
  }

  async round({ take, armed }: { readonly take: boolean; readonly armed: Readonly<Record<string, number>> }): Promise<Round> {
    let mine: pg.Client | undefined
    try {
      mine = await this.#own.connected()
      return await this.#round(mine, take, armed)
    } catch (err) {
      this.#options.log.debug({ err }, 'alarm_duty.not_asked')
      if (mine) this.#own.lose(mine)
      return { lock: 'away', peers: [], otherSince: false }
    }
  }

  async release(): Promise<void> {
    const { id, log } = this.#options
    const mine = this.#own.client
    if (!mine) return
    try {
      await mine.query(GONE, [id])
      if (this.#isHeld) await mine.query('select pg_advisory_unlock($1)', [DUTY_LOCK])
    } catch (err) {
      log.debug({ err }, 'alarm_duty.not_released')
    }
    this.#isHeld = false
  }

  stop(): Promise<void> {
    return this.#own.stop()
  }

  async #round(mine: pg.Client, take: boolean, armed: object): Promise<Round> {
    const { id, name } = this.#options
    await mine.query(SAY, [id, name, JSON.stringify(armed), take || this.#isHeld])
    const others = (await mine.query<OtherRow>(OTHERS, [id])).rows
    const otherSince = others.some(({ later }) => later)
    const peers = others.map(({ id: of, name: at, duty, seenMsAgo, armed: heard }): Peer => ({ id: of, name: at, duty, seenMsAgo, armed: heard }))
    if (this.#isHeld) return { lock: 'mine', peers, otherSince: false }
    if (!take) return { lock: (await isTaken(mine)) ? 'another' : 'free', peers, otherSince }
    const { rows } = await mine.query<{ got: boolean }>('select pg_try_advisory_lock($1) as got', [DUTY_LOCK])
    if (rows[0]?.got !== true) return { lock: 'another', peers, otherSince }
    this.#isHeld = true
    await mine.query(TAKEN, [id])
    return { lock: 'mine', peers: peers.map((peer) => ({ ...peer, duty: false })), otherSince }
  }
}

async function isTaken(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query("select 1 from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database()) and classid = 0 and objid = $1 and objsubid = 1", [DUTY_LOCK])
  return rows.length > 0
}
