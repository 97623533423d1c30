import type { CommandOffer } from '@vigil/contract/messages/state'

/** One input of a command's form, drawn from the JSON Schema the device declared. */
export interface ArgumentField {
  readonly name: string
  readonly kind: 'integer' | 'number' | 'text' | 'choice' | 'flag'
  readonly title: string
  readonly hint: string | undefined
  readonly required: boolean
  readonly min: number | undefined
  readonly max: number | undefined
  readonly maxLength: number | undefined
  readonly choices: readonly (string | number)[]
  readonly initial: string | number | boolean
}

type Loose = Readonly<Record<string, unknown>>
const isObject = (value: unknown): value is Loose => typeof value === 'object' && value !== null && !Array.isArray(value)
const number = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined)
const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

/** Fields of an offered command. A schema this app cannot draw gives no field for that part; the device judges what it gets. */
export function fieldsOf(offer: CommandOffer): ArgumentField[] {
  const schema: Loose = offer.args ?? {}
  const properties = isObject(schema['properties']) ? schema['properties'] : schema['type'] === undefined ? schema : {}
  const required = Array.isArray(schema['required']) ? schema['required'] : []
  return Object.entries(properties).flatMap(([name, part]) => (isObject(part) ? [fieldOf(name, part, required.includes(name))] : []))
}

/** One field alone, e.g. of a setting whose schema a device declared. */
export function fieldOf(name: string, declared: unknown, required: boolean): ArgumentField {
  const part = isObject(declared) ? declared : {}
  const choices = choicesOf(part)
  const kind = choices.length > 0 ? 'choice' : kindOf(part['type'])
  return {
    name, kind, required, choices,
    title: text(part['title']) ?? text(part['description']) ?? name.replaceAll('_', ' '),
    hint: part['title'] === undefined ? undefined : text(part['description']),
    min: number(part['minimum']),
    max: number(part['maximum']),
    maxLength: number(part['maxLength']),
    initial: initialOf(kind, part, choices, required),
  }
}

function kindOf(type: unknown): ArgumentField['kind'] {
  if (type === 'integer' || type === 'number') return type
  return type === 'boolean' ? 'flag' : 'text'
}

/** `enum`, or the `const`s of an `anyOf`/`oneOf`. */
function choicesOf(part: Loose): (string | number)[] {
  const alternatives = [part['anyOf'], part['oneOf']].find(Array.isArray) as unknown[] | undefined
  const listed = Array.isArray(part['enum']) ? part['enum'] : (alternatives ?? []).map((a) => (isObject(a) ? a['const'] : undefined))
  return listed.filter((c): c is string | number => typeof c === 'string' || typeof c === 'number')
}

/** What may be left out begins empty: a reference nobody typed must not be sent. */
function initialOf(kind: ArgumentField['kind'], part: Loose, choices: readonly (string | number)[], required: boolean): string | number | boolean {
  const given = part['default']
  if (typeof given === 'string' || typeof given === 'number' || typeof given === 'boolean') return given
  if (kind === 'flag') return false
  if (kind === 'choice') return choices[0] ?? ''
  return kind === 'text' || !required ? '' : (number(part['minimum']) ?? '')
}

/** What is sent: empty optional fields are left out, numbers are numbers. */
export function argumentsOf(fields: readonly ArgumentField[], filled: Readonly<Record<string, string | number | boolean | undefined>>): Record<string, unknown> {
  const args: Record<string, unknown> = {}
  for (const { name, kind, choices } of fields) {
    const value = filled[name]
    if (value === '' || value === undefined) continue
    if (kind === 'integer' || kind === 'number') args[name] = Number(value)
    else args[name] = kind === 'choice' ? (choices.find((c) => String(c) === String(value)) ?? value) : value
  }
  return args
}
