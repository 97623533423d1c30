import pg from 'pg'
import type { Log } from '@vigil/program'
import type { DutyBoard, Peer, Round } from './duty.ts'

/** 'vigil', and 4 for alarms: one number for the whole house, in the space of advisory locks. */
const DUTY_LOCK = 0x76_69_67_04
const LIMIT_MS = 2_000
/**
 * The lock lives as long as its connection. A machine that is cut off or without power sends no goodbye: the server asks after 5 s
 * of silence, three times, and then takes the lock back; what it sent without an answer counts as lost after 10 s.
 */
const SERVER_ASKS = 'set tcp_keepalives_idle = 5; set tcp_keepalives_interval = 2; set tcp_keepalives_count = 3; set tcp_user_timeout = 10000'
/** Engines of the past are forgotten after a day. */
const FORGET = `delete from alarm_engine where seen_at < now() - interval '1 day'`

const SAY = `
  insert into alarm_engine (id, name, armed) values ($1, $2, $3)
  on conflict (id) do update set name = excluded.name, armed = excluded.armed, seen_at = now(), duty = alarm_engine.duty and $4`
const TAKEN = 'update alarm_engine set duty = id = $1, duty_since = case when id = $1 then now() else duty_since end where duty or id = $1'
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
export function createDutyBoard({ url, id, name, log }: DutyBoardOptions): DutyBoard {
  let client: pg.Client | undefined
  let isHeld = false

  const lose = (mine: pg.Client) => {
    if (client !== mine) return
    client = undefined
    isHeld = false
    mine.end().catch(() => undefined)
  }
  const connected = async (): Promise<pg.Client> => {
    if (client) return client
    const mine = new pg.Client({ connectionString: url, keepAlive: true, connectionTimeoutMillis: LIMIT_MS, query_timeout: LIMIT_MS, application_name: 'vigil-alarm-duty' })
    mine.on('error', () => lose(mine))
    mine.on('end', () => lose(mine))
    try {
      await mine.connect()
      await mine.query(SERVER_ASKS)
      await mine.query(FORGET)
    } catch (error) {
      mine.end().catch(() => undefined)
      throw error
    }
    client = mine
    return mine
  }
  const take = async (mine: pg.Client): Promise<boolean> => (await mine.query<{ got: boolean }>('select pg_try_advisory_lock($1) as got', [DUTY_LOCK])).rows[0]?.got === true

  const round = async (mine: pg.Client, wants: boolean, armed: object): Promise<Round> => {
    await mine.query(SAY, [id, name, JSON.stringify(armed), wants || isHeld])
    const others = (await mine.query<OtherRow>(OTHERS, [id])).rows
    const otherSince = others.some(({ later }) => later)
    const peers = others.map(({ later: _, ...peer }) => peer)
    if (isHeld) return { lock: 'mine', peers, otherSince: false }
    if (!wants) return { lock: await isTaken(mine) ? 'another' : 'free', peers, otherSince }
    if (!(await take(mine))) return { lock: 'another', peers, otherSince }
    isHeld = true
    await mine.query(TAKEN, [id])
    return { lock: 'mine', peers: peers.map((peer) => ({ ...peer, duty: false })), otherSince }
  }
  return {
    async round({ take: wants, armed }) {
      let mine: pg.Client | undefined
      try {
        mine = await connected()
        return await round(mine, wants, armed)
      } catch (err) {
        log.debug({ err }, 'alarm_duty.not_asked')
        if (mine) lose(mine)
        return { lock: 'away', peers: [], otherSince: false }
      }
    },
    async release() {
      const mine = client
      if (!mine) return
      try {
        await mine.query('delete from alarm_engine where id = $1 and not duty', [id])
        await mine.query('update alarm_engine set duty = false, seen_at = seen_at - interval \'1 minute\' where id = $1', [id])
        if (isHeld) await mine.query('select pg_advisory_unlock($1)', [DUTY_LOCK])
      } catch (err) {
        log.debug({ err }, 'alarm_duty.not_released')
      }
      isHeld = false
    },
    async stop() {
      const mine = client
      client = undefined
      await mine?.end().catch(() => undefined)
    },
  }
}

async function isTaken(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query("select 1 from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database()) and classid = 0 and objid = $1 and objsubid = 1", [DUTY_LOCK])
  return rows.length > 0
}
