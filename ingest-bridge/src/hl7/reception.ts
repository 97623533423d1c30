import { createHash } from 'node:crypto'
import { acknowledge, controlIdBytes, headerFields, latin1Bytes, type Message, type MessageFate, messageType, readMessage, type RowError } from '@vigil/contract/hl7/index'
import type { createAside } from './aside.ts'
import { objectsOf } from './deliveries.ts'
import type { Inbox, InboxMessage, Kept, Sender } from './inbox.ts'
import { oneAtATime } from './one-at-a-time.ts'
import { verdictOn } from '../store/refusal.ts'
import { type Finding, type Records, toRecords } from './records.ts'

/** Why a message was not taken; label of `vigil_bridge_hl7_refused_total`. */
export const hl7Refusals = ['unreadable', 'no_control_id', 'type', 'event', 'processing_id', 'unknown_sender', 'unknown_alarm', 'not_storable', 'database_away'] as const
export type Hl7Refusal = (typeof hl7Refusals)[number]

/** A message that is safe and has to be stored as samples and events. */
export interface Accepted {
  readonly id: string
  readonly sender: Sender
  readonly records: Records
  readonly firstSeq: number
  readonly receivedMs: number
}

export interface ReceptionOptions {
  readonly inbox: Inbox
  /** Whether a sender nobody knows yet is taken in and registered. */
  readonly admit: (sender: string) => boolean
  /** Takes what is no measurement of a device; `undefined` for what is one, or nothing that is known. */
  readonly aside: ReturnType<typeof createAside>
  readonly now: () => number
  readonly onAccepted: (accepted: Accepted) => void
  readonly onRefused: (why: Hl7Refusal) => void
  readonly onDuplicate: () => void
  readonly onFailure: (error: unknown) => void
}

/** Answers one message: bytes of the acknowledgement, or nothing when none is wanted. Never throws. */
export type Reception = (inbound: Uint8Array) => Promise<Uint8Array | undefined>

const BATCH = 1_000
/** How long what is known of a sender is used without another look. */
const SENDER_FRESH_MS = 10_000
/** Most rows told in one answer; all of them are in the inbox. */
const TOLD_ROWS = 20
const EVENTS: ReadonlySet<string> = new Set(['R01', 'R30', 'R31', 'R32', 'R40'])

type Judged =
  | { readonly take: InboxMessage; readonly records: Records }
  | { readonly aside: Promise<MessageFate> }
  | { readonly refuse: Hl7Refusal; readonly fate: MessageFate; readonly sender?: Sender }

/** Takes messages in: judged, committed to the inbox, and only then answered well. */
export function createReception({ inbox, admit, aside, now, onAccepted, onRefused, onDuplicate, onFailure }: ReceptionOptions): Reception {
  const keep = oneAtATime<InboxMessage, Kept | NeverKept>(BATCH, (messages) => keepEach(inbox, messages))
  const senders = new Map<string, { readonly asked: Promise<Sender | undefined>; readonly atMs: number }>()
  let answers = 0

  const senderOf = (name: string): Promise<Sender | undefined> => {
    const known = senders.get(name)
    // How a source is read may be changed meanwhile.
    if (known && now() - known.atMs < SENDER_FRESH_MS) return known.asked
    const asked = inbox.sender(name, admit(name))
    senders.set(name, { asked, atMs: now() })
    // What was refused or failed is asked again: a person registers the source, the database comes back.
    const forget = () => senders.delete(name)
    asked.then((sender) => sender ?? forget(), forget)
    return asked
  }

  const judge = async (inbound: Uint8Array): Promise<Judged> => {
    const first = readMessage(inbound)
    if (!first.ok) return { refuse: 'unreadable', fate: { kind: 'unidentified', error: 100 } }
    if (controlIdBytes(inbound) === '') return { refuse: 'no_control_id', fate: { kind: 'unidentified', error: 101 } }
    const name = senderName(inbound)
    const taken = aside({ inbound, message: first.message, sender: name, processing: processingId(first.message), receivedMs: now() })
    if (taken) return { aside: taken }
    const wrong = unsupported(first.message)
    if (wrong) return wrong
    const sender = await senderOf(name)
    if (!sender) return { refuse: 'unknown_sender', fate: { kind: 'never', error: 204 } }
    if (!sender.processing.includes(processingId(first.message))) return { refuse: 'processing_id', fate: { kind: 'never', error: 202 }, sender }
    const reread = sender.charset === 'windows-1252' ? first : readMessage(inbound, sender.charset)
    const receivedMs = now()
    const message = reread.ok ? reread.message : first.message
    const records = toRecords(message, { receivedMs, offsetMinutes: sender.offsetMinutes, givenFirst: sender.givenFirst, codes: sender.codes })
    return { records, take: toInbox(inbound, message, sender, records, receivedMs) }
  }

  return async (inbound) => {
    const answer = (fate: MessageFate, sender?: Sender, rowErrors: readonly RowError[] = []) =>
      acknowledge({ inbound, fate, ...(sender && { mode: sender.ack }), rowErrors, ownId: `V${now().toString(36)}${(answers++).toString(36)}`.toUpperCase(), nowMs: now() })
    try {
      const judged = await judge(inbound)
      if ('refuse' in judged) {
        onRefused(judged.refuse)
        return answer(judged.fate, judged.sender)
      }
      if ('aside' in judged) return answer(await judged.aside)
      const { take, records } = judged
      const kept = await keep(take)
      if ('refusal' in kept) {
        onFailure(kept.refusal)
        onRefused('not_storable')
        return answer({ kind: 'never', error: 207 }, take.sender)
      }
      const { id, firstSeq, fresh, done } = kept
      if (!fresh) onDuplicate()
      // One that is there and not stored: the answer to its COMMIT was lost, or another bridge is at it. Numbers make both harmless.
      if (!done) onAccepted({ id, sender: take.sender, records, firstSeq, receivedMs: take.receivedMs })
      return answer({ kind: 'stored' }, take.sender, records.findings.filter(isRefusal).slice(0, TOLD_ROWS).map(rowError))
    } catch (error) {
      onFailure(error)
      onRefused('database_away')
      return answer({ kind: 'later' })
    }
  }
}

function unsupported(message: Message): Judged | undefined {
  const { type, event } = messageType(message)
  if (type !== 'ORU') return { refuse: 'type', fate: { kind: 'never', error: 200 } }
  return EVENTS.has(event) ? undefined : { refuse: 'event', fate: { kind: 'never', error: 201 } }
}

/** What the database can never hold. */
interface NeverKept {
  readonly refusal: unknown
}

/** One message that can never be stored spoils the batch it came in: each half alone, until the one is found. @throws when the database is away */
async function keepEach(inbox: Pick<Inbox, 'keep'>, messages: readonly InboxMessage[]): Promise<readonly (Kept | NeverKept)[]> {
  try {
    return await inbox.keep(messages)
  } catch (refusal) {
    if (verdictOn(refusal) === 'away') throw refusal
    if (messages.length === 1) return [{ refusal }]
    const middle = messages.length >> 1
    return [...(await keepEach(inbox, messages.slice(0, middle))), ...(await keepEach(inbox, messages.slice(middle)))]
  }
}

/** MSH-3 in single bytes: names a source the same way whatever charset its messages are in. */
function senderName(inbound: Uint8Array): string {
  return (headerFields(inbound)[2] ?? '').slice(0, 200).replaceAll('\0', ' ')
}

/** MSH-11.1; a message that names none means production, as all did before 2.3. */
function processingId({ header }: Message): string {
  return header.text(11).trim().toUpperCase() || 'P'
}

function toInbox(inbound: Uint8Array, message: Message, sender: Sender, records: Records, receivedMs: number): InboxMessage {
  const { type, event } = messageType(message)
  return {
    sender,
    controlId: latin1Bytes(controlIdBytes(inbound)),
    digest: createHash('sha256').update(inbound).digest(),
    kind: `${type}^${event}`,
    raw: inbound,
    receivedMs,
    objects: objectsOf(records),
    findings: records.findings.length === 0 ? undefined : JSON.stringify(records.findings),
  }
}

const WARNINGS: ReadonlySet<string> = new Set(['UNMAPPED', 'MDC_CODE_NAME_MISMATCH', 'DECIMAL_COMMA', 'UNIT_IN_VALUE', 'UNIT_MISSING', 'UNIT_CONVERTED', 'EMPTY', 'NO_RESULT', 'NULL_VALUE'])

/** What the sender should mend; a row that had nothing to say is no mistake of its. */
function isRefusal({ why }: Finding): boolean {
  return !WARNINGS.has(why)
}

function rowError({ row, why }: Finding): RowError {
  const ofCode = why === 'CONTRADICTORY_CODES'
  return { row, field: ofCode ? 3 : why === 'UNIT_MISMATCH' ? 6 : 5, error: ofCode ? 103 : 102, text: why.toLowerCase().replaceAll('_', ' ') }
}
