/** Frame of the minimal lower layer protocol: `VT message FS CR` (HL7 v2.5.1 appendix C, MLLP release 1). */
const VT = 0x0b
const FS = 0x1c
const CR = 0x0d
const LF = 0x0a
const SPACE = 0x20

export const DEFAULT_FRAME_LIMIT_BYTES = 1024 * 1024
/** Bytes outside frames that a connection may send before it has sent one: an HTTP probe, a port scan. */
const JUNK_BEFORE_FIRST_FRAME_BYTES = 256

/** What is wrong with the framing, counted and never fatal except where said. */
export const framingFaults = ['junk', 'truncated', 'empty', 'no_cr', 'too_large', 'not_mllp'] as const
export type FramingFault = (typeof framingFaults)[number]

export interface Framer {
  /**
   * Takes the next bytes, in any portions; answers the frames they complete, in order. `close`: nothing after this can be
   * understood (a frame over the limit, or a peer that does not speak MLLP).
   */
  push(chunk: Uint8Array): { readonly frames: readonly Uint8Array[]; readonly close: boolean }
  /** The peer has ended: what was begun is not a message. */
  end(): void
}

export interface FramerOptions {
  readonly limitBytes?: number
  readonly onFault: (fault: FramingFault) => void
}

/** Cuts a byte stream into messages. Tolerates junk between frames, `FS` without `CR`, and a frame begun anew. */
export function createFramer(options: FramerOptions): Framer {
  return new StreamFramer(options)
}

class StreamFramer implements Framer {
  readonly #limitBytes: number
  readonly #onFault: (fault: FramingFault) => void
  /** Of the frame that is open; `undefined` between frames. */
  #parts: Uint8Array[] | undefined
  #size = 0
  #junk = 0
  #everFramed = false
  /** After `FS` a `CR` is due; `FS LF` and `FS CR LF` are seen too. */
  #due: 'nothing' | 'cr' | 'lf' = 'nothing'

  constructor({ limitBytes = DEFAULT_FRAME_LIMIT_BYTES, onFault }: FramerOptions) {
    this.#limitBytes = limitBytes
    this.#onFault = onFault
  }

  push(chunk: Uint8Array): { readonly frames: readonly Uint8Array[]; readonly close: boolean } {
    const frames: Uint8Array[] = []
    let at = 0
    while (at < chunk.length) {
      const byte = chunk[at] as number
      if (byte === VT) {
        this.#begin()
        at++
      } else if (!this.#parts) {
        this.#outside(byte)
        at++
      } else {
        const end = endOfContent(chunk, at)
        if (!this.#keep(chunk.slice(at, end))) return { frames, close: true }
        at = end
        if (chunk[at] === FS) {
          const whole = this.#finish()
          if (whole) frames.push(whole)
          at++
        }
      }
    }
    return { frames, close: this.#isForeign() }
  }

  end(): void {
    if (this.#parts) this.#onFault('truncated')
    if (!this.#everFramed && this.#junk > 0) this.#onFault('not_mllp')
    this.#parts = undefined
  }

  #begin(): void {
    if (this.#due === 'cr') this.#onFault('no_cr')
    if (this.#parts) this.#onFault('truncated')
    this.#due = 'nothing'
    this.#junk = 0
    this.#parts = []
    this.#size = 0
    this.#everFramed = true
  }

  #keep(part: Uint8Array): boolean {
    this.#parts?.push(part)
    this.#size += part.length
    if (this.#size <= this.#limitBytes) return true
    this.#parts = undefined
    this.#onFault('too_large')
    return false
  }

  #finish(): Uint8Array | undefined {
    const whole = this.#size === 0 ? undefined : joined(this.#parts as Uint8Array[], this.#size)
    if (!whole) this.#onFault('empty')
    this.#parts = undefined
    this.#due = 'cr'
    return whole
  }

  #outside(byte: number): void {
    const due = this.#due
    this.#due = due === 'cr' && byte === CR ? 'lf' : 'nothing'
    if (due === 'cr' && byte !== CR) this.#onFault('no_cr')
    if (byte === CR || byte === LF || byte === SPACE) return
    if (this.#junk === 0) this.#onFault('junk')
    this.#junk++
  }

  #isForeign(): boolean {
    const foreign = !this.#everFramed && this.#junk > JUNK_BEFORE_FIRST_FRAME_BYTES
    if (foreign) this.#onFault('not_mllp')
    return foreign
  }
}

/** Index of the next control byte of the frame at or after `from`, or the end. */
function endOfContent(chunk: Uint8Array, from: number): number {
  let at = from
  while (at < chunk.length && chunk[at] !== FS && chunk[at] !== VT) at++
  return at
}

function joined(parts: readonly Uint8Array[], size: number): Uint8Array {
  if (parts.length === 1) return parts[0] as Uint8Array
  const whole = new Uint8Array(size)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

export function toFrame(message: Uint8Array): Uint8Array {
  const frame = new Uint8Array(message.length + 3)
  frame[0] = VT
  frame.set(message, 1)
  frame[message.length + 1] = FS
  frame[message.length + 2] = CR
  return frame
}
