import { createTransport } from 'nodemailer'
import { AppError, type Clock } from '@vigil/contract'
import { post, signed } from '../../outbound/http-post.ts'
import type { Recipient } from './recipients.ts'

/** One notice to one recipient: plain words, ready to be read on a locked phone. */
export interface Notice {
  readonly id: string
  readonly step: string
  readonly priority: 'low' | 'medium' | 'high'
  readonly title: string
  readonly lines: readonly string[]
  readonly alarmIds: readonly string[]
}

/** `sent`: the next system took it. `delivered`: it says that it has it where it belongs. */
export type Sent = 'sent' | 'delivered'

const TIMEOUT_MS = 10_000

/** @throws AppError NOTICE_NOT_SENT */
export async function sendNotice(recipient: Recipient, notice: Notice, clock: Clock): Promise<Sent> {
  try {
    switch (recipient.channel) {
      case 'webhook': return await toWebhook(recipient, notice, clock)
      case 'ntfy': return await toNtfy(recipient, notice)
      case 'smtp': return await toMail(recipient, notice)
    }
  } catch (cause) {
    throw new AppError('NOTICE_NOT_SENT', `${recipient.name} could not be told by ${recipient.channel}: ${cause instanceof Error ? cause.message : 'no reason given'}`, { cause })
  }
}

async function toWebhook({ url, secret }: Extract<Recipient, { channel: 'webhook' }>, notice: Notice, clock: Clock): Promise<Sent> {
  const body = JSON.stringify(notice)
  await mustPost(url, body, { 'content-type': 'application/json', ...signed(body, secret, clock.now()) })
  return 'delivered'
}

const ntfyPriority = { low: '3', medium: '4', high: '5' } as const

async function toNtfy({ url, token }: Extract<Recipient, { channel: 'ntfy' }>, { title, lines, priority }: Notice): Promise<Sent> {
  await mustPost(url, lines.join('\n'), { title: ascii(title), priority: ntfyPriority[priority], tags: priority === 'high' ? 'rotating_light' : 'warning', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) })
  return 'sent'
}

async function toMail({ server, from, to }: Extract<Recipient, { channel: 'smtp' }>, { title, lines, priority, id }: Notice): Promise<Sent> {
  const transport = createTransport({ url: server, connectionTimeout: TIMEOUT_MS, greetingTimeout: TIMEOUT_MS, socketTimeout: TIMEOUT_MS })
  try {
    await transport.sendMail({ from, to, subject: title, text: lines.join('\n'), priority: priority === 'high' ? 'high' : 'normal', messageId: `<${id}@vigil>` })
    return 'sent'
  } finally {
    transport.close()
  }
}

async function mustPost(url: string, body: string, headers: Record<string, string>): Promise<void> {
  const outcome = await post({ url, body, headers })
  if (outcome.kind !== 'delivered') throw new AppError('NOTICE_NOT_SENT', outcome.why)
}

/** A header carries no other letters. */
function ascii(text: string): string {
  return text.normalize('NFKD').replace(/[^\x20-\x7e]/g, '')
}
