import { type Delimiters, encodingCharacters, usualDelimiters } from './delimiters.ts'
import { encodeText } from './escapes.ts'

/** A field: one value, or its components. A list in the place of a component is its subcomponents. */
export type FieldValue = string | number | undefined | readonly (string | number | undefined | readonly string[])[] | Repetitions

/** A field with several values, each one or more components. */
export interface Repetitions {
  readonly repeat: readonly (string | readonly string[])[]
}

/** One segment with everything escaped. `fields` are numbered from 1; of a header from MSH-3 on. */
export function writeSegment(name: string, fields: Readonly<Record<number, FieldValue>>, d: Delimiters = usualDelimiters): string {
  const header = name === 'MSH' || name === 'BHS' || name === 'FHS'
  const last = Math.max(0, ...Object.entries(fields).filter(([, value]) => value !== undefined).map(([n]) => Number(n)))
  const parts = [header ? `${name}${d.field}${encodingCharacters(d)}` : name]
  for (let n = header ? 3 : 1; n <= last; n++) parts.push(writeField(fields[n], d))
  return parts.join(d.field)
}

function writeField(value: FieldValue, d: Delimiters): string {
  if (value === undefined) return ''
  if (typeof value !== 'object') return encodeText(String(value), d)
  if ('repeat' in value) return value.repeat.map((each) => writeField(each, d)).join(d.repetition)
  const parts = value.map((part) => (typeof part === 'object' ? part.map((piece) => encodeText(piece, d)).join(d.subcomponent) : encodeText(part === undefined ? '' : String(part), d)))
  return parts.join(d.component).replace(trailing(d.component), '')
}

function trailing(component: string): RegExp {
  return new RegExp(`${component.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}+$`)
}

/** Segments as one message, each ended by CR. */
export function writeMessage(segments: readonly string[]): string {
  return segments.map((segment) => `${segment}\r`).join('')
}
