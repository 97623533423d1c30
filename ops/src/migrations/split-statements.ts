/**
 * Cuts SQL into statements, for files that run outside a transaction: PostgreSQL wraps several statements sent together
 * into one transaction of its own. Follows the lexical rules of PostgreSQL (manual 4.1): strings, quoted names,
 * dollar quotes, nested comments.
 */
export function splitStatements(sql: string): readonly string[] {
  const statements: string[] = []
  let from = 0
  let at = 0
  while (at < sql.length) {
    if (sql[at] === ';') {
      statements.push(sql.slice(from, at + 1))
      from = ++at
    } else {
      at = skipPiece(sql, at)
    }
  }
  statements.push(sql.slice(from))
  return statements.map((statement) => statement.trim()).filter((statement) => hasCode(statement))
}

/** The end of whatever begins here: a comment, a quoted piece, or one plain character. */
function skipPiece(sql: string, at: number): number {
  if (sql.startsWith('--', at)) return endOf(sql, '\n', at)
  if (sql.startsWith('/*', at)) return skipComment(sql, at)
  if (sql[at] === "'") return skipQuoted(sql, at, isEscapeString(sql, at))
  if (sql[at] === '"') return skipQuoted(sql, at, false)
  const tag = dollarTag(sql, at)
  return tag === undefined ? at + 1 : endOf(sql, tag, at + tag.length)
}

/** E'...', where the E is a word of its own. */
function isEscapeString(sql: string, at: number): boolean {
  return /[eE]/.test(sql.charAt(at - 1)) && !/\w/.test(sql.charAt(at - 2))
}

/** `$$` or `$name$`, unless it is the tail of a name. */
function dollarTag(sql: string, at: number): string | undefined {
  if (sql[at] !== '$' || /\w/.test(sql.charAt(at - 1))) return undefined
  return /^\$(?:[A-Za-z_]\w*)?\$/.exec(sql.slice(at, at + 80))?.[0]
}

function endOf(sql: string, mark: string, from: number): number {
  const found = sql.indexOf(mark, from)
  return found < 0 ? sql.length : found + mark.length
}

/** A doubled quote stays inside; in an E'...' string a backslash protects what follows. */
function skipQuoted(sql: string, from: number, backslashes: boolean): number {
  const quote = sql[from]
  let at = from + 1
  while (at < sql.length) {
    if (backslashes && sql[at] === '\\') at += 2
    else if (sql[at] !== quote) at++
    else if (sql[at + 1] === quote) at += 2
    else return at + 1
  }
  return sql.length
}

function skipComment(sql: string, from: number): number {
  let depth = 0
  let at = from
  while (at < sql.length) {
    if (sql.startsWith('/*', at)) depth++
    else if (sql.startsWith('*/', at)) depth--
    else {
      at++
      continue
    }
    at += 2
    if (depth === 0) return at
  }
  return sql.length
}

function hasCode(statement: string): boolean {
  let at = 0
  while (at < statement.length) {
    const comment = statement.startsWith('--', at) || statement.startsWith('/*', at)
    if (!comment && /\S/.test(statement[at] ?? '') && statement[at] !== ';') return true
    at = comment ? skipPiece(statement, at) : at + 1
  }
  return false
}
