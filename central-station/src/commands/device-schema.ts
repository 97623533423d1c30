import * as Schema from 'typebox/schema'

/**
 * Checks a value against a JSON Schema a device sent. The schema is not ours: regular expressions in it are left out (one
 * of them could stop the whole program), it is interpreted and never compiled to code, and a broken one fits nothing.
 * Answers one sentence about the first thing that does not fit. The device checks again itself.
 */
export function misfit(schema: unknown, value: unknown): string | undefined {
  try {
    const [fits, errors] = Schema.Errors(withoutPatterns(schema) as Schema.XSchema, value)
    if (fits) return undefined
    const worst = errors.at(-1)
    return worst ? `${worst.instancePath.slice(1) || 'arguments'} ${worst.message}` : 'does not fit'
  } catch {
    return 'cannot be checked: the device describes it in a way that cannot be read'
  }
}

function withoutPatterns(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutPatterns)
  if (typeof schema !== 'object' || schema === null) return schema
  return Object.fromEntries(Object.entries(schema).filter(([key, value]) => !isPattern(key, value)).map(([key, value]) => [key, withoutPatterns(value)]))
}

/** `pattern` holds text where it is the keyword; an argument of that name holds a schema. */
function isPattern(key: string, value: unknown): boolean {
  return (key === 'pattern' && typeof value === 'string') || key === 'patternProperties'
}
