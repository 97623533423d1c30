import { AppError, type Clock, type ErrorCode } from '@vigil/contract'
import { pause } from '@vigil/program'
import { type Database, one } from '../../db/database.ts'
import { uuidv7 } from '../../ids.ts'
import type { Asked } from './channel.ts'

/** What a person asks at a station whose engine stands by, on its way to the engine on duty and back, through PostgreSQL. */
export interface AskRelay {
  /** @throws AppError what the engine on duty refuses with, ALARM_ENGINE_AWAY, DATABASE_AWAY */
  relay(ask: Asked): Promise<unknown>
  /** Does what waits; each is done by one engine and once. */
  serve(run: (ask: Asked) => Promise<unknown>): Promise<void>
}

type Answer = { readonly value?: unknown } | { readonly code: ErrorCode; readonly message: string; readonly details?: Readonly<Record<string, unknown>> }

/** What waits longer was given up by who asked. */
const LIMIT_MS = 4_000
const LOOK_MS = 50
const INSERT = `with old as (delete from alarm_ask where asked_at < now() - interval '1 hour'), new as (insert into alarm_ask (id, ask) values ($1, $2)) select pg_notify('vigil_alarm_ask', '')`
/** Taken before it is done: of an engine killed in between nobody hears an answer, and no other does it again. */
const TAKE = `update alarm_ask set answer = '{}'
  where id = (select id from alarm_ask where answer is null and asked_at > now() - interval '4 seconds' order by asked_at limit 1 for update skip locked) returning id, ask`

export function createAskRelay(database: Database, clock: Clock): AskRelay {
  let serving: Promise<void> = Promise.resolve()
  const answerTo = async (ask: Asked, run: (ask: Asked) => Promise<unknown>): Promise<Answer> => {
    try {
      const value = await run(ask)
      return value === undefined ? {} : { value }
    } catch (error) {
      const { code, message, details } = error instanceof AppError ? error : new AppError('INTERNAL', 'The alarm engine could not do this.', { cause: error })
      return { code, message, ...(details ? { details } : {}) }
    }
  }
  const serveAll = async (run: (ask: Asked) => Promise<unknown>) => {
    for (;;) {
      const taken = await one<{ id: string; ask: Asked }>(database, TAKE)
      if (!taken) return
      const answer = await answerTo(taken.ask, run)
      await database.query(`update alarm_ask set answer = $2::jsonb || '{"done":true}' where id = $1`, [taken.id, JSON.stringify(answer)])
    }
  }
  return {
    async relay(ask) {
      const id = uuidv7(clock.now())
      const untilMs = clock.monotonic() + LIMIT_MS
      await database.query(INSERT, [id, JSON.stringify(ask)])
      while (clock.monotonic() < untilMs) {
        const row = await one<{ answer: (Answer & { done?: true }) | null }>(database, 'select answer from alarm_ask where id = $1', [id])
        if (row?.answer?.done) return valueOf(row.answer)
        await pause(clock, LOOK_MS)
      }
      throw new AppError('ALARM_ENGINE_AWAY', 'The alarm engine on duty did not answer. Look at what is shown now, then try again.')
    },
    serve(run) {
      serving = serving.catch(() => undefined).then(() => serveAll(run))
      return serving
    },
  }
}

function valueOf(answer: Answer): unknown {
  if (!('code' in answer)) return answer.value
  throw new AppError(answer.code, answer.message, answer.details ? { details: answer.details } : {})
}
