import { createHash } from 'node:crypto'
import { type AdmissionNotice, latin1Bytes, type Message, readAdmission } from '@vigil/contract/hl7/index'

/** An ADT message on its way onto the review list. */
export interface AdmissionMessage {
  readonly sender: string
  readonly controlId: Uint8Array
  readonly digest: Uint8Array
  readonly notice: AdmissionNotice
  readonly raw: Uint8Array
  readonly receivedMs: number
}

/** Where proposals are safe before they are answered. Throws when the database is away. */
export interface AdmissionBox {
  /** Commits it; false for one that is there already. */
  keep(message: AdmissionMessage): Promise<boolean>
}

/** Whose ADT is taken: names as MSH-3 has them, in full or up to the first `^`; `*` for everybody who may send at all. */
export function takesAdmissions(listed: readonly string[]): (sender: string) => boolean {
  const names = new Set(listed)
  return (sender) => names.has('*') || names.has(sender) || names.has(sender.split('^')[0] ?? '')
}

/** Reads what a message proposes; `undefined` for an event that is not taken. */
export function toProposal(inbound: Uint8Array, message: Message, about: { readonly sender: string; readonly controlId: string; readonly receivedMs: number }): AdmissionMessage | undefined {
  const notice = readAdmission(message)
  return notice && { sender: about.sender, controlId: latin1Bytes(about.controlId), digest: createHash('sha256').update(inbound).digest(), notice, raw: inbound, receivedMs: about.receivedMs }
}
