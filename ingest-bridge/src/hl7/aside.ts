import { type AlertStatusUpdate, controlIdBytes, type Message, type MessageFate, messageType, readAlertStatus } from '@vigil/contract/hl7/index'
import { type AdmissionBox, toProposal } from './admissions.ts'

/** Where messages go that are no measurements of a device. */
export interface AsideOptions {
  /** The review list of the hospital's own admissions, and whose may come onto it. */
  readonly admissions: { readonly takes: (sender: string) => boolean; readonly box: AdmissionBox }
  /** Keeps what a receiver of our alarms says of one (IHE PCD-05); false when no alarm that went out fits. */
  readonly alertStatus: (said: AlertStatusUpdate, atMs: number) => Promise<boolean>
  readonly onRefused: (why: 'event' | 'processing_id' | 'unknown_alarm') => void
  readonly onDuplicate: () => void
  readonly onProposal: () => void
}

export interface Arrived {
  readonly inbound: Uint8Array
  readonly message: Message
  /** MSH-3 */
  readonly sender: string
  /** MSH-11 */
  readonly processing: string
  readonly receivedMs: number
}

const stored: MessageFate = { kind: 'stored' }

/** Takes ADT and ORA^R41, and answers what became of it; `undefined` for anything else. Throws when the database is away. */
export function createAside({ admissions, alertStatus, onRefused, onDuplicate, onProposal }: AsideOptions): (arrived: Arrived) => Promise<MessageFate> | undefined {
  const hear = async (said: AlertStatusUpdate, atMs: number): Promise<MessageFate> => {
    if (await alertStatus(said, atMs)) return stored
    onRefused('unknown_alarm')
    return { kind: 'never', error: 204 }
  }
  /** A hospital's own system is no device: it needs no row among the senders, and training data never come onto the list. */
  const propose = async ({ inbound, message, sender, processing, receivedMs }: Arrived): Promise<MessageFate> => {
    const proposal = processing === 'P' ? toProposal(inbound, message, { sender, controlId: controlIdBytes(inbound), receivedMs }) : undefined
    if (!proposal) {
      onRefused(processing === 'P' ? 'event' : 'processing_id')
      return { kind: 'never', error: processing === 'P' ? 201 : 202 }
    }
    if (await admissions.box.keep(proposal)) onProposal()
    else onDuplicate()
    return stored
  }
  return (arrived) => {
    const said = readAlertStatus(arrived.message)
    if (said) return hear(said, arrived.receivedMs)
    return messageType(arrived.message).type === 'ADT' && admissions.takes(arrived.sender) ? propose(arrived) : undefined
  }
}
