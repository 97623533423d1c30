/** The part of JSON Schema (2020-12) that a small board can check by itself and an app can draw a form from. */
export type ValueSchema =
  | { readonly type: 'integer' | 'number'; readonly minimum: number; readonly maximum: number; readonly default?: number; readonly description: string }
  | { readonly type: 'string'; readonly enum: readonly string[]; readonly default?: string; readonly description: string }
  | { readonly type: 'string'; readonly maxLength: number; readonly default?: string; readonly description: string }
  | { readonly type: 'array'; readonly items: ValueSchema; readonly maxItems: number; readonly default?: readonly unknown[]; readonly description: string }
  | ObjectSchema

export interface ObjectSchema {
  readonly type: 'object'
  readonly properties: Readonly<Record<string, ValueSchema>>
  readonly required?: readonly string[]
  readonly additionalProperties: false
  readonly default?: Readonly<Record<string, unknown>>
  readonly description?: string
}

/** Why a value will not do, as the end of a sentence that begins with its name; `undefined` when it will. */
export function whyNotValue(schema: ValueSchema, value: unknown): string | undefined {
  switch (schema.type) {
    case 'integer':
    case 'number':
      return whyNotNumber(schema, value)
    case 'string':
      return whyNotText(schema, value)
    case 'array':
      return whyNotList(schema, value)
    case 'object':
      return whyNotObject(schema, value)
  }
}

function whyNotNumber({ type, minimum, maximum }: Extract<ValueSchema, { type: 'integer' | 'number' }>, value: unknown): string | undefined {
  if (typeof value !== 'number' || !Number.isFinite(value) || (type === 'integer' && !Number.isInteger(value))) return `must be a ${type === 'integer' ? 'whole ' : ''}number from ${minimum} to ${maximum}`
  return value < minimum || value > maximum ? `out of range ${minimum}..${maximum}` : undefined
}

function whyNotText(schema: Extract<ValueSchema, { type: 'string' }>, value: unknown): string | undefined {
  if ('enum' in schema) return typeof value === 'string' && schema.enum.includes(value) ? undefined : `must be one of ${schema.enum.join(', ')}`
  if (typeof value !== 'string') return 'must be text'
  return value.length > schema.maxLength ? `must be at most ${schema.maxLength} characters long` : undefined
}

function whyNotList({ items, maxItems }: Extract<ValueSchema, { type: 'array' }>, value: unknown): string | undefined {
  if (!Array.isArray(value)) return 'must be a list'
  if (value.length > maxItems) return `must have at most ${maxItems} entries`
  const wrong = (value as unknown[]).map((item) => whyNotValue(items, item)).find((why) => why !== undefined)
  return wrong === undefined ? undefined : `each entry ${wrong}`
}

function whyNotObject({ properties, required = [] }: ObjectSchema, value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'must be an object'
  const given = value as Readonly<Record<string, unknown>>
  const missing = required.find((name) => given[name] === undefined)
  if (missing !== undefined) return `needs ${missing}`
  for (const [name, one] of Object.entries(given)) {
    const schema = Object.hasOwn(properties, name) ? properties[name] : undefined
    if (!schema) return `knows no ${name}`
    const why = whyNotValue(schema, one)
    if (why !== undefined) return `${name} ${why}`
  }
  return undefined
}
