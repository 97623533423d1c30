import type { SpoolRecord } from './spool-store.ts'

// The limits of the device protocol, written here again because the contract's module brings the schema compiler with it,
// which a small board cannot carry. A test holds the two together.
export const PAYLOAD_BYTES = 64 * 1024
export const PAYLOAD_OBJECTS = 2_000

const UPTIME = /^\{"up":(\d+)(?:,"own":(\d+))?/
/** A clock that was right to within this was right: an object sent twice is then the same to the millisecond. */
const SAME_MS = 1_000

export interface PackingOptions {
  readonly epoch: string
  readonly boot: number
  /** Wall-clock time of an uptime of this start; `undefined` while the board does not know the time. */
  readonly wallTimeAt: (upMs: number) => number | undefined
  /** The same of an earlier start. */
  readonly earlierTimeAt?: ((boot: number, upMs: number) => number | undefined) | undefined
}

/** The object as it goes on the wire: under its number, and with a date as soon as one can be had. */
export function wireText(record: SpoolRecord, options: PackingOptions): string {
  return `{"e":"${options.epoch}","s":${record.seq},${dated(record, options).slice(1)}`
}

function dated(record: SpoolRecord, options: PackingOptions): string {
  const { body } = record
  const up = UPTIME.exec(body)
  if (!up) return body
  const own = up[2] === undefined ? undefined : Number(up[2])
  const known = provenTime(record, options)
  const t = known === undefined || (own !== undefined && Math.abs(known - own) <= SAME_MS) ? own : Math.round(known)
  return t === undefined ? body : `{"t":${t}${body.slice(up[0].length)}`
}

/** When an object kept by its uptime was made; `undefined` while nobody has confirmed the time, and of an object that has its date. */
export function provenTime({ body, boot: madeIn }: SpoolRecord, { boot, wallTimeAt, earlierTimeAt }: PackingOptions): number | undefined {
  const up = UPTIME.exec(body)
  if (!up) return undefined
  return madeIn === boot ? wallTimeAt(Number(up[1])) : earlierTimeAt?.(madeIn, Number(up[1]))
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
