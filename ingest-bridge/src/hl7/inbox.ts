import type { AckMode, SourceCode } from '@vigil/contract/hl7/index'

/** How a source is read and answered. */
export interface Sender {
  readonly no: number
  /** Device that stands for it in the registry. */
  readonly site: string
  readonly device: string
  readonly ack: AckMode
  readonly offsetMinutes: number
  readonly givenFirst: boolean
  readonly charset: string
  /** What a person said its own codes mean. */
  readonly codes: readonly SourceCode[]
  /** Processing ids (MSH-11) it may send: a device of mode `real` only P, so that training data never mix with patients'. */
  readonly processing: readonly string[]
}

/** A message that can be read and is of a kind that is taken in, on its way into the inbox. */
export interface InboxMessage {
  readonly sender: Sender
  readonly controlId: Uint8Array
  readonly digest: Uint8Array
  readonly kind: string
  readonly raw: Uint8Array
  readonly receivedMs: number
  /** How many numbers of the device's sequence its objects take. */
  readonly objects: number
  /** JSON text. */
  readonly findings: string | undefined
}

/** A message the inbox holds. `fresh` is false for one that was there already: the same bytes under the same id. */
export interface Kept {
  readonly id: string
  readonly firstSeq: number
  readonly fresh: boolean
  /** Everything in it is stored already. */
  readonly done: boolean
}

export interface OpenMessage {
  readonly id: string
  readonly sender: Sender
  readonly raw: Uint8Array
  readonly receivedMs: number
  readonly firstSeq: number
}

/** Where messages are safe before they are answered. Every method throws when the database is away. */
export interface Inbox {
  /** The sender of that name; registers it, and a device for it, when it is new and may be. */
  sender(name: string, admit: boolean): Promise<Sender | undefined>
  /** Commits a batch, in order; answers one entry per message. */
  keep(messages: readonly InboxMessage[]): Promise<readonly Kept[]>
  /** Everything in these is stored. */
  done(ids: readonly string[]): Promise<void>
  /** Messages an earlier run kept and did not finish, oldest first. */
  open(limit: number): Promise<readonly OpenMessage[]>
}
