/** A message as the library would give it, of which only what is asked for here was read. */
export interface PlainMessage {
  application_properties?: Record<string, string>
  message_id?: string
  subject?: string
  content_type?: string
  creation_time?: Date
  body?: { readonly typecode: number; readonly content: Buffer }
}

/** Sections (AMQP 1.0 part 3, 3.2) by the numbers of their descriptors. */
const Section = { header: 0x70, properties: 0x73, applicationProperties: 0x74, data: 0x75 } as const
/** Type codes (part 1, 1.6). */
const Code = { described: 0x00, smallUlong: 0x53, list0: 0x45, list8: 0xc0, list32: 0xd0, map8: 0xc1, map32: 0xd1, null: 0x40, true: 0x41, false: 0x42, boolean: 0x56, ubyte: 0x50, uint0: 0x43, smallUint: 0x52, uint: 0x70, string8: 0xa1, string32: 0xb1, symbol8: 0xa3, symbol32: 0xb3, timestamp: 0x83, binary8: 0xa0, binary32: 0xb0 } as const
const TEXTS: ReadonlyMap<number, { readonly width: 1 | 4; readonly encoding: BufferEncoding }> = new Map([
  [Code.string8, { width: 1, encoding: 'utf8' }],
  [Code.string32, { width: 4, encoding: 'utf8' }],
  [Code.symbol8, { width: 1, encoding: 'ascii' }],
  [Code.symbol32, { width: 4, encoding: 'ascii' }],
])
const NUMBERS: ReadonlyMap<number, 1 | 4> = new Map([[Code.boolean, 1], [Code.ubyte, 1], [Code.smallUint, 1], [Code.uint, 4]])
const CONSTANTS: ReadonlyMap<number, boolean | number | null> = new Map<number, boolean | number | null>([[Code.null, null], [Code.true, true], [Code.false, false], [Code.uint0, 0]])
/** Fields of the properties section, in order; those that are no text or time here make it the library's. */
const PROPERTIES = ['message_id', undefined, undefined, 'subject', undefined, undefined, 'content_type', undefined, undefined, 'creation_time'] as const

/**
 * Reads the form nearly every producer sends - header, properties of text and times, application properties of texts, one data section - in place. The
 * library makes an object for each value and its type, and of each section twice: a tenth of what a message costs. `undefined` for any other form, and
 * for what is cut off or broken: that is the library's to read.
 */
export function readPlainMessage(bytes: Buffer): PlainMessage | undefined {
  const reader = new Reader(bytes)
  const message: PlainMessage = {}
  while (reader.at < bytes.length) {
    if (!readSection(reader, message)) return undefined
  }
  return message.body && reader.at === bytes.length ? message : undefined
}

function readSection(reader: Reader, message: PlainMessage): boolean {
  if (reader.byte() !== Code.described || reader.byte() !== Code.smallUlong) return false
  switch (reader.byte()) {
    case Section.header:
      return reader.list(() => reader.plain() !== undefined)
    case Section.properties:
      return reader.list((i) => readProperty(reader, message, PROPERTIES[i]))
    case Section.applicationProperties:
      return message.application_properties === undefined && readTexts(reader, (message.application_properties = {}))
    case Section.data: {
      const content = message.body ? undefined : reader.binary()
      if (!content) return false
      message.body = { typecode: Section.data, content }
      return true
    }
    default:
      return false
  }
}

function readProperty(reader: Reader, message: PlainMessage, name: (typeof PROPERTIES)[number]): boolean {
  const value = reader.plain()
  if (value === undefined) return false
  if (value === null) return true
  if (name === 'creation_time') {
    if (!(value instanceof Date)) return false
    message.creation_time = value
    return true
  }
  if (name === undefined || typeof value !== 'string') return false
  message[name] = value
  return true
}

function readTexts(reader: Reader, into: Record<string, string>): boolean {
  let name: string | undefined
  return reader.compound(Code.map8, Code.map32, () => {
    const text = reader.plain()
    if (typeof text !== 'string' || text === '__proto__') return false
    if (name === undefined) name = text
    else {
      into[name] = text
      name = undefined
    }
    return true
  }) && name === undefined
}

class Reader {
  readonly #bytes: Buffer
  at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  /** -1 behind the end. */
  byte(): number {
    return this.#bytes[this.at++] ?? -1
  }

  list(read: (i: number) => boolean): boolean {
    if (this.#bytes[this.at] !== Code.list0) return this.compound(Code.list8, Code.list32, read)
    this.at++
    return true
  }

  /** A list or map: its size, its count, and so many values, which must fill it exactly. */
  compound(small: number, large: number, read: (i: number) => boolean): boolean {
    const code = this.byte()
    if (code !== small && code !== large) return false
    const width = code === small ? 1 : 4
    const size = this.#length(width)
    const end = this.at + size
    if (size < width || end > this.#bytes.length) return false
    const count = this.#length(width)
    for (let i = 0; i < count; i++) if (this.at >= end || !read(i)) return false
    return this.at === end
  }

  /** The next value if it is text, a time, a small number, a truth or nothing; `undefined` for anything else. */
  plain(): string | number | boolean | Date | null | undefined {
    const code = this.byte()
    const text = TEXTS.get(code)
    if (text) return this.#take(text.width)?.toString(text.encoding)
    const number = NUMBERS.get(code)
    if (number) return this.#number(number)
    return code === Code.timestamp ? this.#time() : CONSTANTS.get(code)
  }

  binary(): Buffer | undefined {
    const code = this.byte()
    return code === Code.binary8 || code === Code.binary32 ? this.#take(code === Code.binary8 ? 1 : 4) : undefined
  }

  #time(): Date | undefined {
    if (this.at + 8 > this.#bytes.length) return undefined
    const ms = this.#bytes.readInt32BE(this.at) * 2 ** 32 + this.#bytes.readUInt32BE(this.at + 4)
    this.at += 8
    return Number.isSafeInteger(ms) ? new Date(ms) : undefined
  }

  #number(width: 1 | 4): number | undefined {
    if (this.at + width > this.#bytes.length) return undefined
    return this.#length(width)
  }

  #take(width: 1 | 4): Buffer | undefined {
    const size = this.#length(width)
    const end = this.at + size
    if (size < 0 || end > this.#bytes.length) return undefined
    return this.#bytes.subarray(this.at, (this.at = end))
  }

  /** -1 when it is cut off. */
  #length(width: 1 | 4): number {
    const from = this.at
    this.at += width
    if (this.at > this.#bytes.length) return -1
    return width === 1 ? (this.#bytes[from] as number) : this.#bytes.readUInt32BE(from)
  }
}
