/** Names of table 0211 (HL7 v2.8 §2.C.2.131) and spellings seen in the wild, as labels of the Encoding standard. */
const LABELS: Readonly<Record<string, string>> = {
  'UNICODE UTF-8': 'utf-8',
  // Monitors that write this send UTF-8.
  UNICODE: 'utf-8',
  'UTF-8': 'utf-8',
  UTF8: 'utf-8',
  'UNICODE UTF-16': 'utf-16be',
  '8859/1': 'windows-1252',
  '8859/2': 'iso-8859-2',
  '8859/3': 'iso-8859-3',
  '8859/4': 'iso-8859-4',
  '8859/5': 'iso-8859-5',
  '8859/6': 'iso-8859-6',
  '8859/7': 'iso-8859-7',
  '8859/8': 'iso-8859-8',
  '8859/9': 'windows-1254',
  '8859/15': 'iso-8859-15',
  'ISO IR14': 'shift_jis',
  'ISO IR87': 'iso-2022-jp',
  'ISO IR159': 'iso-2022-jp',
  'GB 18030-2000': 'gb18030',
  GB18030: 'gb18030',
  'KS X 1001': 'euc-kr',
  'BIG-5': 'big5',
}

export type CharsetWarning = 'CHARSET_UNKNOWN' | 'CHARSET_NOT_KEPT'

export interface DecodedBytes {
  readonly text: string
  /** Label of the Encoding standard that was used. */
  readonly charset: string
  readonly warning: CharsetWarning | undefined
}

const UTF8_BOM = [0xef, 0xbb, 0xbf] as const

/**
 * Bytes to text: byte order mark or UTF-16's pattern of zeros, then what MSH-18 declares, then UTF-8 if it is valid, then the
 * source's usual charset. A declared charset decides before anything is split: second bytes of GB 18030, Shift JIS and Big5
 * look like delimiters. Never throws: vital signs are ASCII and survive a wrong name.
 * @param fallback label used when nothing else fits, e.g. `windows-1252`
 */
export function decodeBytes(bytes: Uint8Array, fallback = 'windows-1252'): DecodedBytes {
  const marked = byMark(bytes)
  if (marked) return marked
  const declared = declaredCharset(bytes)
  const label = declared === undefined ? undefined : LABELS[declared]
  if (label !== undefined) {
    const text = strictly(bytes, label)
    if (text !== undefined) return { text, charset: label, warning: undefined }
  }
  const warning = declared === undefined || declared === 'ASCII' ? undefined : label === undefined ? 'CHARSET_UNKNOWN' : 'CHARSET_NOT_KEPT'
  const utf8 = strictly(bytes, 'utf-8')
  return utf8 === undefined ? { text: new TextDecoder(fallback).decode(bytes), charset: fallback, warning } : { text: utf8, charset: 'utf-8', warning }
}

function byMark(bytes: Uint8Array): DecodedBytes | undefined {
  const [first, second] = bytes
  if (UTF8_BOM.every((byte, i) => bytes[i] === byte)) return decodedAs(bytes.subarray(3), 'utf-8')
  if (first === 0xfe && second === 0xff) return decodedAs(bytes.subarray(2), 'utf-16be')
  if (first === 0xff && second === 0xfe) return decodedAs(bytes.subarray(2), 'utf-16le')
  if (first === 0 && second !== undefined && second !== 0) return decodedAs(bytes, 'utf-16be')
  if (second === 0 && first !== undefined && first !== 0) return decodedAs(bytes, 'utf-16le')
  return undefined
}

function decodedAs(bytes: Uint8Array, charset: string): DecodedBytes {
  return { text: new TextDecoder(charset).decode(bytes), charset, warning: undefined }
}

function strictly(bytes: Uint8Array, label: string): string | undefined {
  try {
    return new TextDecoder(label, { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** MSH-18, or MSH-17 where a sender is one field early; first repetition, upper case. */
function declaredCharset(bytes: Uint8Array): string | undefined {
  const header = headerFields(bytes)
  for (const n of [17, 16]) {
    const name = (header[n] ?? '').split('~')[0]?.trim().toUpperCase() ?? ''
    if (n === 17 && name !== '') return name
    if (name in LABELS) return name
  }
  return undefined
}

/** Longest header that is looked for; what is beyond is no header of a sane sender. */
const HEADER_BYTES = 2_000
/** Bytes per call: engines limit how many arguments one may have. */
const PIECE = 8_192

/** Headers that were cut out already: a message is asked for its own several times, and its bytes never change. */
const headers = new WeakMap<Uint8Array, { readonly line: string; readonly fields: readonly string[] }>()

function headerOf(bytes: Uint8Array): { readonly line: string; readonly fields: readonly string[] } {
  const known = headers.get(bytes)
  if (known) return known
  const text = latin1(bytes.subarray(0, HEADER_BYTES))
  const start = text.indexOf('MSH')
  const line = start === -1 ? '' : (text.slice(start).split(/[\r\n]/, 1)[0] ?? '')
  const header = { line, fields: line === '' ? [] : line.split(line[3] ?? '|') }
  headers.set(bytes, header)
  return header
}

/** The header segment, one character per byte; empty where the bytes hold none. */
export function headerLine(bytes: Uint8Array): string {
  return headerOf(bytes).line
}

/** Fields of the header as single bytes; index n is MSH-(n+1). */
export function headerFields(bytes: Uint8Array): readonly string[] {
  return headerOf(bytes).fields
}

/** One character per byte, so that bytes can be given back as they came. */
export function latin1(bytes: Uint8Array): string {
  if (bytes.length <= PIECE) return String.fromCharCode.apply(null, bytes as unknown as number[])
  let text = ''
  for (let at = 0; at < bytes.length; at += PIECE) text += String.fromCharCode.apply(null, bytes.subarray(at, at + PIECE) as unknown as number[])
  return text
}

export function latin1Bytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i) & 0xff
  return bytes
}
