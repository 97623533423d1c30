import type { SpoolRecord } from './spool-store.ts'

// The limits of the device protocol, written here again because the contract's module brings the schema compiler with it,
// which a small board cannot carry. A test holds the two together.
export const PAYLOAD_BYTES = 64 * 1024
export const PAYLOAD_OBJECTS = 2_000

const UPTIME = /^\{"up":(\d+)/

export interface PackingOptions {
  readonly epoch: string
  readonly boot: number
  /** Wall-clock time of an uptime of this start; `undefined` while the board does not know the time. */
  readonly wallTimeAt: (upMs: number) => number | undefined
}

/** The object as it goes on the wire: under its number, and with a date as soon as one can be had. */
export function wireText(record: SpoolRecord, { epoch, boot, wallTimeAt }: PackingOptions): string {
  return `{"e":"${epoch}","s":${record.seq},${dated(record, boot, wallTimeAt).slice(1)}`
}

function dated({ body, boot: madeIn }: SpoolRecord, boot: number, wallTimeAt: PackingOptions['wallTimeAt']): string {
  const up = madeIn === boot ? UPTIME.exec(body) : null
  const t = up ? wallTimeAt(Number(up[1])) : undefined
  return up && t !== undefined ? `{"t":${Math.round(t)}${body.slice(up[0].length)}` : body
}

export interface Payload {
  readonly text: string
  readonly seqs: readonly number[]
}

/**
 * Packs records into as few payloads as the limits allow: an object alone, or an array of at most 64 KiB.
 * Objects dated by the uptime of different starts never share one: the server reads `up` against the newest in its message.
 */
export function packPayloads(records: readonly SpoolRecord[], options: PackingOptions): Payload[] {
  const payloads: Payload[] = []
  let texts: string[] = []
  let seqs: number[] = []
  let bytes = 0
  let boot: number | undefined
  const flush = (): void => {
    if (texts.length > 0) payloads.push({ text: texts.length === 1 ? (texts[0] as string) : `[${texts.join(',')}]`, seqs })
    texts = []
    seqs = []
    bytes = 2
    boot = undefined
  }
  flush()
  for (const record of records) {
    const text = wireText(record, options)
    const size = utf8Length(text) + 1
    const ofOtherStart = UPTIME.test(record.body) && boot !== undefined && boot !== record.boot
    if (bytes + size > PAYLOAD_BYTES || texts.length >= PAYLOAD_OBJECTS || ofOtherStart) flush()
    texts.push(text)
    seqs.push(record.seq)
    bytes += size
    if (UPTIME.test(record.body)) boot = record.boot
  }
  flush()
  return payloads
}

/** Bytes of a string in UTF-8, without an encoder: engines on small boards need not have one. */
export function utf8Length(text: string): number {
  let bytes = text.length
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit > 0x7f) bytes += unit > 0x7ff && (unit < 0xd800 || unit > 0xdfff) ? 2 : 1
  }
  return bytes
}
