import type { Delimiters } from './delimiters.ts'
import { decodeText } from './escapes.ts'

/** One segment. Fields are numbered as in the standard: MSH-1 is the field separator itself. */
export class Segment {
  readonly name: string
  readonly #fields: readonly string[]
  readonly #d: Delimiters

  constructor(line: string, d: Delimiters) {
    const fields = line.split(d.field)
    this.name = fields[0] ?? ''
    // A header's first field is the separator, which splitting has eaten.
    this.#fields = isHeader(this.name) ? [this.name, d.field, ...fields.slice(1)] : fields
    this.#d = d
  }

  /** Field as it came, escapes and all. */
  raw(field: number): string {
    return this.#fields[field] ?? ''
  }

  /** Values of a repeating field, each as it came; none for an empty field. */
  repetitions(field: number): readonly string[] {
    const raw = this.raw(field)
    if (raw === '') return []
    return isHeader(this.name) && field === 2 ? [raw] : raw.split(this.#d.repetition)
  }

  /** Components of one repetition (from 0), each as it came. */
  components(field: number, repetition = 0): readonly string[] {
    return (this.repetitions(field)[repetition] ?? '').split(this.#d.component)
  }

  /**
   * Decoded text of a component and subcomponent, both from 1. A field that has no subcomponents answers its component for
   * subcomponent 1, as the standard's rule for older senders says (§2.5.3.4).
   */
  text(field: number, component = 1, options: { readonly repetition?: number; readonly subcomponent?: number } = {}): string {
    const raw = this.raw(field)
    // The most asked question of a message, and most fields are empty: pieces are cut out without cutting up the rest.
    if (raw === '') return ''
    const repeated = isHeader(this.name) && field === 2 ? raw : piece(raw, this.#d.repetition, options.repetition ?? 0)
    const whole = piece(repeated, this.#d.component, component - 1)
    return decodeText(piece(whole, this.#d.subcomponent, (options.subcomponent ?? 1) - 1), this.#d)
  }

  /** Decoded text of one whole repetition, components left in: for text values that hold bare separators. */
  wholeText(field: number, repetition = 0): string {
    return decodeText(this.repetitions(field)[repetition] ?? '', this.#d)
  }

  /** Decoded text of a component in each repetition. One pass: asking `text` for one after the other cuts the field up as often as it repeats. */
  texts(field: number, component = 1): readonly string[] {
    return this.repetitions(field).map((repeated) => this.#first(piece(repeated, this.#d.component, component - 1)))
  }

  /** Components of each repetition, each as it came. */
  componentsOfEach(field: number): readonly (readonly string[])[] {
    return this.repetitions(field).map((repeated) => repeated.split(this.#d.component))
  }

  /** Decoded text of each component of the first repetition. */
  componentTexts(field: number): readonly string[] {
    return this.components(field).map((component) => this.#first(component))
  }

  /** Every subcomponent of every component of the first repetition, decoded. */
  parts(field: number): readonly string[] {
    return this.components(field).flatMap((component) => component.split(this.#d.subcomponent)).map((part) => decodeText(part, this.#d))
  }

  #first(component: string): string {
    return decodeText(piece(component, this.#d.subcomponent, 0), this.#d)
  }

  subcomponents(field: number, component: number, repetition = 0): readonly string[] {
    return (this.components(field, repetition)[component - 1] ?? '').split(this.#d.subcomponent).map((part) => decodeText(part, this.#d))
  }
}

/** The piece number `n` (from 0) between separators; empty when there are fewer. */
function piece(text: string, separator: string, n: number): string {
  let from = 0
  for (let i = 0; i < n; i++) {
    const next = text.indexOf(separator, from)
    if (next === -1) return ''
    from = next + 1
  }
  const end = text.indexOf(separator, from)
  return end === -1 ? text.slice(from) : text.slice(from, end)
}

export interface Message {
  readonly delimiters: Delimiters
  /** MSH first. */
  readonly segments: readonly Segment[]
  readonly header: Segment
}

export function isHeader(name: string): boolean {
  return name === 'MSH' || name === 'BHS' || name === 'FHS'
}

/** `ORU` and `R01` of MSH-9, also where only MSH-9.3 or `ORU_R01` tells the event. */
export function messageType({ header }: Message): { readonly type: string; readonly event: string } {
  const [type, event] = [header.text(9, 1), header.text(9, 2)]
  const [structureType = '', structureEvent = ''] = (header.text(9, 3) || type).split('_')
  return { type: type.split('_')[0] || structureType, event: event || structureEvent }
}

/** The first segment of a name. */
export function segment(message: Message, name: string): Segment | undefined {
  return message.segments.find((s) => s.name === name)
}
