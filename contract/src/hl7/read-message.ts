import { type CharsetWarning, decodeBytes, headerFields, latin1 } from './charsets.ts'
import { readDelimiters } from './delimiters.ts'
import { type Message, Segment } from './message.ts'

/** Why a frame holds no message that can be read; numbers of table 0357. */
export type Unreadable = 'empty' | 'no-header' | 'delimiters' | 'several-headers'

export type MessageReading =
  | { readonly ok: true; readonly message: Message; readonly charset: string; readonly warning: CharsetWarning | undefined }
  | { readonly ok: false; readonly why: Unreadable }

const SEGMENT = /^[A-Z][A-Z0-9]{2}(?=[^A-Za-z0-9]|$)/

/** Blank lines before a batch's header are few. */
const BATCH_START_BYTES = 64

/**
 * The messages of one frame or file as bytes: of a batch (FHS, BHS) each by itself, so that each is answered by itself; of
 * anything else the whole.
 */
export function messagesIn(bytes: Uint8Array): readonly Uint8Array[] {
  if (!/^\s*(?:FHS|BHS)/.test(latin1(bytes.subarray(0, BATCH_START_BYTES)))) return [bytes]
  const text = latin1(bytes)
  const starts = [...text.matchAll(/(?<=[\r\n])MSH/g)].map(({ index }) => index)
  const ends = [...text.matchAll(/(?<=[\r\n])(?:BTS|FTS|BHS|FHS)/g)].map(({ index }) => index)
  let at = 0
  return starts.map((start, i) => {
    while (at < ends.length && (ends[at] as number) <= start) at++
    return bytes.subarray(start, Math.min(starts[i + 1] ?? bytes.length, ends[at] ?? bytes.length))
  })
}

/**
 * Reads one message. Accepts CR, LF and CR LF line ends, blank lines before and between, a missing last CR, and text that
 * holds bare line feeds.
 * @param fallback charset of a source that declares none and sends no UTF-8
 */
export function readMessage(bytes: Uint8Array, fallback?: string): MessageReading {
  const { text, charset, warning } = decodeBytes(bytes, fallback)
  const lines = segmentLines(text)
  const [header] = lines
  if (header === undefined) return { ok: false, why: 'empty' }
  if (!header.startsWith('MSH')) return { ok: false, why: 'no-header' }
  if (lines.filter((line) => line.startsWith('MSH')).length > 1) return { ok: false, why: 'several-headers' }
  const delimiters = readDelimiters(header)
  if (!delimiters) return { ok: false, why: 'delimiters' }
  const segments = lines.map((line) => new Segment(line, delimiters))
  return { ok: true, message: { delimiters, segments, header: segments[0] as Segment }, charset, warning }
}

/** Control id as single characters per byte: MSA-2 gives the very bytes back, whatever the charset. */
export function controlIdBytes(bytes: Uint8Array): string {
  return headerFields(bytes)[9] ?? ''
}

function segmentLines(text: string): readonly string[] {
  const pieces = text.includes('\r') ? text.split(/\r\n?/) : text.split('\n')
  return pieces.flatMap(splitStrayFeeds).filter((line) => line.trim() !== '')
}

/** Some senders end most segments with CR and some with LF; a feed inside a text stays where it is. */
function splitStrayFeeds(piece: string): readonly string[] {
  const out: string[] = []
  for (const part of piece.replace(/^[\n\uFEFF]+/, '').split('\n')) {
    if (out.length === 0 || SEGMENT.test(part)) out.push(part)
    else out[out.length - 1] += `\n${part}`
  }
  return out
}
