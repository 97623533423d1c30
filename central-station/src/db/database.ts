import type { DurableHealth } from '../durable-health.ts'

export interface Queries {
  /** @throws AppError DATABASE_AWAY when PostgreSQL cannot be asked, INVALID_REQUEST when it cannot hold a given value */
  query<R extends object>(text: string, values?: readonly unknown[]): Promise<R[]>
}

/** What the transaction of a change has to hold beside it. */
export interface Rider {
  /** The last statements before the commit. */
  join(queries: Queries): Promise<void>
  /** Committed. */
  stands(): void
}

/** Port to PostgreSQL for the stores (`*-pg.ts`); services see only stores. */
export interface Database extends Queries {
  /** All or nothing; the connection is thrown away after a failure, so no half transaction is ever reused. */
  transaction<T>(run: (queries: Queries) => Promise<T>): Promise<T>
  readonly health: DurableHealth
  stop(): Promise<void>
}

/** The one row a statement answers with; `undefined` when it answers with none. */
export async function one<R extends object>(queries: Queries, text: string, values?: readonly unknown[]): Promise<R | undefined> {
  return (await queries.query<R>(text, values))[0]
}
