/** `refused`: the data is at fault, trying it again changes nothing. `away`: the database is, trying again will do. */
export type Verdict = 'refused' | 'away'

/**
 * SQLSTATE classes in which the statement's own data is at fault: 22 data exception, 23 integrity constraint violation, 54
 * program limit exceeded (PostgreSQL manual, appendix A). Every other class passes: connection, rollback, resources, operator,
 * read-only standby, migrations not applied yet.
 */
const REFUSED_CLASSES: ReadonlySet<string> = new Set(['22', '23', '54'])

/** Whose fault a failed transaction is. */
export function verdictOn(error: unknown): Verdict {
  // A value our own encoder cannot write is the data's fault too: Buffer says so with a RangeError.
  if (error instanceof RangeError) return 'refused'
  return REFUSED_CLASSES.has(sqlStateOf(error)?.slice(0, 2) ?? '') ? 'refused' : 'away'
}

/** The five characters PostgreSQL answered with, a digit among them (EPIPE has five too); `undefined` for anything else. */
export function sqlStateOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' && /^(?=.*\d)[0-9A-Z]{5}$/.test(code) ? code : undefined
}

/** One sentence for an operator: what to look at. Holds no data of a statement. */
export function explain(error: unknown): string {
  const state = sqlStateOf(error)
  if (state === '42P01' || state === '42883') return `a table or function is missing (${state}): run the migrations`
  if (state?.startsWith('28')) return `the database refuses the sign-in (${state}): check DATABASE_URL`
  if (state?.startsWith('25')) return `the database is read-only (${state}): it may be a standby`
  if (state) return `PostgreSQL answered ${state}`
  return error instanceof Error ? error.message : 'unknown failure'
}
