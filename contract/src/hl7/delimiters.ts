/** The characters a message separates its parts with, as its own header says (HL7 v2.5.1 §2.5.4). */
export interface Delimiters {
  readonly field: string
  readonly component: string
  readonly repetition: string
  readonly escape: string
  readonly subcomponent: string
  /** Fifth character of MSH-2 since v2.7; seen from monitors that claim 2.6. */
  readonly truncation: string | undefined
}

export const usualDelimiters: Delimiters = { field: '|', component: '^', repetition: '~', escape: '\\', subcomponent: '&', truncation: undefined }

/**
 * Reads the delimiters of a header segment (MSH, BHS, FHS). `undefined` when they are not there or two are the same: nothing
 * can be read with those.
 */
export function readDelimiters(header: string): Delimiters | undefined {
  const field = header[3]
  if (field === undefined) return undefined
  const end = header.indexOf(field, 4)
  // A doubled escape character is a string literal somebody forgot to read; what is meant is plain.
  const encoding = header.slice(4, end === -1 ? undefined : end).replace(/^(..)(.)\2(.)$/, '$1$2$3')
  if (encoding.length < 4 || encoding.length > 5) return undefined
  const all = [field, ...encoding.split('')]
  if (new Set(all).size !== all.length || all.some((c) => /[\w\s]/.test(c))) return undefined
  const [component, repetition, escape, subcomponent, truncation] = encoding.split('') as [string, string, string, string, string?]
  return { field, component, repetition, escape, subcomponent, truncation }
}

/** MSH-2 of these delimiters. */
export function encodingCharacters(d: Delimiters): string {
  return d.component + d.repetition + d.escape + d.subcomponent + (d.truncation ?? '')
}
