import type { CommandState } from '@vigil/contract'
import { type Database, one } from '../db/database.ts'
import type { JournalSink } from '../files/journal.ts'
import { iso } from '../iso.ts'
import type { CommandFact, CommandStep, CommandStore } from './command.ts'

interface CommandRow {
  id: string
  device_id: string
  stay_id: string | null
  name: string
  args: Record<string, unknown>
  reason: string
  asked_by: string | null
  retry_of: string | null
  created_at: number
  expires_at: number
  state: CommandState
  updated_at: number
  progress: number | null
  data: Record<string, unknown> | null
  why: string | null
  steps: { at_ms: number; state: string }[]
}

const SELECT = `select c.id, d.id as device_id, c.name, c.args, c.reason, a.username as asked_by, c.retry_of, c.created_at, c.expires_at,
    c.state, c.updated_at, c.progress, c.data, c.why,
    (select m.stay_id from monitoring_interval m where m.device_no = c.device_no and m.from_at <= c.created_at and (m.to_at is null or m.to_at > c.created_at) limit 1) as stay_id,
    (select coalesce(json_agg(json_build_object('at_ms', (extract(epoch from s.at) * 1000)::int8, 'state', s.state) order by s.at, s.n), '[]')
     from command_step s where s.command_id = c.id) as steps
  from command c join device d on d.no = c.device_no left join account a on a.id = c.asked_by`

export function createCommandStore(database: Database): CommandStore {
  const select = async (rest: string, values: readonly unknown[]) => (await database.query<CommandRow>(`${SELECT} ${rest}`, values)).map(toFact)
  return {
    add: (fact, accountId, step) =>
      database.transaction(async (queries) => {
        await queries.query(
          `insert into command (id, device_no, name, args, state, reason, asked_by, retry_of, created_at, expires_at, updated_at)
           select $1, d.no, $3, $4, $5, $6, $7, $8, $9, $10, $9 from device d where d.id = $2`,
          [fact.id, fact.deviceId, fact.name, JSON.stringify(fact.args), fact.state, fact.reason, accountId, fact.retryOf, iso(fact.createdAtMs), iso(fact.expiresAtMs)],
        )
        await queries.query('insert into command_step (id, command_id, n, at, state) values ($1, $2, $3, $4, $5)', [step.id, fact.id, step.n, iso(step.atMs), step.state])
      }),
    open: () => select(`where c.state in ('queued', 'sent', 'accepted', 'running') order by c.created_at`, []),
    list: (deviceId, limit) => select('where d.id = $1 order by c.created_at desc, c.id desc limit $2', [deviceId, limit]),
    async find(id) {
      const row = await one<CommandRow>(database, `${SELECT} where c.id = $1`, [id])
      return row && toFact(row)
    },
  }
}

/** Steps from the journal; one that is there already is left alone, and a command only ever moves on to its newest. */
export function createStepSink(database: Database): JournalSink<CommandStep> {
  return {
    async write(steps) {
      await database.query(
        `with step as (
           select * from jsonb_to_recordset($1::jsonb) as s(id uuid, "commandId" uuid, n int, "atMs" int8, state text, progress real, data jsonb, why text)
         ), written as (
           insert into command_step (id, command_id, n, at, state, detail)
           select id, "commandId", n, to_timestamp("atMs" / 1000.0), state, jsonb_strip_nulls(jsonb_build_object('progress', progress, 'data', data, 'why', why)) from step
           on conflict (id) do nothing
         ), newest as (select distinct on ("commandId") * from step order by "commandId", n desc)
         update command c set state = s.state, updated_at = to_timestamp(s."atMs" / 1000.0), progress = s.progress, data = s.data, why = s.why
         from newest s where c.id = s."commandId" and not exists (select 1 from command_step later where later.command_id = c.id and later.n > s.n)`,
        [JSON.stringify(steps)],
      )
    },
  }
}

function toFact(row: CommandRow): CommandFact {
  return {
    id: row.id,
    deviceId: row.device_id,
    stayId: row.stay_id,
    name: row.name,
    args: row.args,
    reason: row.reason,
    askedBy: row.asked_by ?? '',
    retryOf: row.retry_of,
    createdAtMs: row.created_at,
    expiresAtMs: row.expires_at,
    state: row.state,
    updatedAtMs: row.updated_at,
    progress: row.progress,
    data: row.data,
    why: row.why,
    steps: row.steps.map(({ at_ms, state }) => ({ atMs: at_ms, state })),
  }
}
