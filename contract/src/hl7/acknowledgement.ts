import { headerFields, headerLine, latin1Bytes } from './charsets.ts'
import { type Delimiters, encodingCharacters, readDelimiters, usualDelimiters } from './delimiters.ts'
import { writeMessage, writeSegment } from './segment-writer.ts'
import { writeTime } from './time.ts'

/** What became of a message, before it is answered. */
export type MessageFate =
  | { readonly kind: 'stored' }
  /** It could not be stored now; the same bytes may succeed later. */
  | { readonly kind: 'later' }
  /** The same bytes can never succeed. */
  | { readonly kind: 'never'; readonly error: ErrorNumber }
  /** It has no control id, or is no message at all. */
  | { readonly kind: 'unidentified'; readonly error: ErrorNumber }

/** Table 0357, message error condition codes. */
export const errorTexts = {
  100: 'Segment sequence error',
  101: 'Required field missing',
  102: 'Data type error',
  103: 'Table value not found',
  200: 'Unsupported message type',
  201: 'Unsupported event code',
  202: 'Unsupported processing id',
  203: 'Unsupported version id',
  204: 'Unknown key identifier',
  205: 'Duplicate key identifier',
  206: 'Application record locked',
  207: 'Application internal error',
} as const
export type ErrorNumber = keyof typeof errorTexts

export type AckCode = 'AA' | 'AE' | 'AR' | 'CA' | 'CE' | 'CR'

/** How a source wants to be answered; `auto` does as its MSH-15 says. */
export type AckMode = 'auto' | 'original' | 'enhanced' | 'none'

/** A row that gave no value though its message was stored: told as a warning. */
export interface RowError {
  readonly row: number
  readonly field: number
  readonly error: ErrorNumber
  readonly text: string
}

/**
 * The code of the answer, or none (HL7 v2.5.1 §2.9.2-3): original mode answers what became of it, enhanced mode whether it
 * is safe. MSH-15 `ER` wants to hear of failures only, `SU` is answered in original mode.
 * @param accept MSH-15 of the message: AL, NE, ER, SU or empty
 */
export function ackCode(fate: MessageFate, accept: string, mode: AckMode = 'auto'): AckCode | undefined {
  if (mode === 'none') return undefined
  const enhanced = mode === 'enhanced' || (mode === 'auto' && (accept === 'AL' || accept === 'ER'))
  const outcome = outcomeOf(fate)
  if (enhanced && outcome === 'stored' && accept === 'ER') return undefined
  return CODES[outcome][enhanced ? 1 : 0]
}

/** Original mode, enhanced mode. */
const CODES = { stored: ['AA', 'CA'], later: ['AE', 'CE'], never: ['AR', 'CR'] } as const satisfies Record<string, readonly [AckCode, AckCode]>

/** A message without a control id may be a slip; without a header it never becomes one. */
function outcomeOf(fate: MessageFate): keyof typeof CODES {
  if (fate.kind === 'unidentified') return fate.error === 101 ? 'later' : 'never'
  return fate.kind
}

export interface AckParts {
  /** The message as it came: delimiters, names, version and control id are taken from its own bytes. */
  readonly inbound: Uint8Array
  readonly fate: MessageFate
  readonly mode?: AckMode
  readonly rowErrors?: readonly RowError[]
  /** Control id of the answer itself. */
  readonly ownId: string
  readonly nowMs: number
}

/**
 * The answer to a message as bytes, or `undefined` when none is wanted. Everything is written byte for byte: the sender's
 * names and its control id come back as they came, in its own charset. No text of the message itself is ever in it.
 */
export function acknowledge({ inbound, fate, mode, rowErrors = [], ownId, nowMs }: AckParts): Uint8Array | undefined {
  const fields = headerFields(inbound)
  const field = (n: number) => fields[n - 1] ?? ''
  const code = ackCode(fate, field(15).trim().toUpperCase(), mode)
  if (code === undefined) return undefined
  const d = readDelimiters(headerLine(inbound)) ?? usualDelimiters
  const version = field(12).split(d.component)[0] || '2.5.1'
  const error = errorOf(fate)
  const problems: RowError[] = [...(error === undefined ? [] : [{ row: 0, field: 0, error, text: errorTexts[error] }]), ...rowErrors]
  const modern = newerThan24(version)
  const parts = ['MSA', code, fate.kind === 'unidentified' ? '' : field(10), ...(modern || error === undefined ? [] : [errorTexts[error]])]
  const segments = [
    ackHeader(d, field, version, ownId, nowMs),
    parts.join(d.field),
    ...problems.map((problem) => errorSegment(problem, d, modern)),
  ]
  return latin1Bytes(writeMessage(segments))
}

function errorOf(fate: MessageFate): ErrorNumber | undefined {
  if (fate.kind === 'stored') return undefined
  return fate.kind === 'later' ? 207 : fate.error
}

function ackHeader(d: Delimiters, field: (n: number) => string, version: string, ownId: string, nowMs: number): string {
  const c = d.component
  const event = field(9).split(c)[1] ?? ''
  const type = version.startsWith('2.2') || version.startsWith('2.3') || event === '' ? 'ACK' : `ACK${c}${event}${c}ACK`
  // MSH-3 to 6 swapped as they came; MSH-1 is the separator, so field n of the segment stands at position n.
  const parts = ['MSH', encodingCharacters(d), field(5), field(6), field(3), field(4), writeTime(nowMs), '', type, ownId, field(11) || 'P', version]
  const charset = field(18)
  if (charset !== '') parts.push('', '', '', '', '', charset)
  return parts.join(d.field)
}

function errorSegment({ row, field, error, text }: RowError, d: Delimiters, modern: boolean): string {
  const c = d.component
  const place = row === 0 ? '' : `OBX${c}${row}${c}${field}`
  if (!modern) return `ERR${d.field}${place === '' ? `${c}${c}` : place}${c}${error}`
  const severity = row === 0 ? 'E' : 'W'
  return writeSegment('ERR', { 2: row === 0 ? undefined : ['OBX', row, field], 3: [error, errorTexts[error], 'HL70357'], 4: severity, 8: text }, d)
}

function newerThan24(version: string): boolean {
  const [major = 2, minor = 5] = version.split('.').map(Number)
  return major > 2 || (major === 2 && minor >= 5)
}
